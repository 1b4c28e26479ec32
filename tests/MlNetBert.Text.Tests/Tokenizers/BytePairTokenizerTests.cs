using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

public sealed class BytePairTokenizerTests
{
    [Fact]
    public void Merges_OfATokenizerThatIsReadAgain_AreThoseItWasMadeOf()
    {
        (string Left, string Right)[] merges = [("h", "e"), ("Ġ", "he"), ("l", "l")];
        SubwordTokenizer made = BytePairTokenizers.Roberta([.. merges.Select(merge => $"{merge.Left} {merge.Right}")]);
        IReadOnlyDictionary<string, byte[]> files = made.ToFiles();

        SubwordTokenizer read = SubwordTokenizer.FromFiles(
            name => files.TryGetValue(name, out byte[]? bytes) ? new MemoryStream(bytes) : null, "saved");

        Assert.Equal(merges, Assert.IsType<BytePairTokenizer>(made).Merges);
        Assert.Equal(merges, Assert.IsType<BytePairTokenizer>(read).Merges);
    }

    [Theory]
    [InlineData(1, 1, 1)] // "aéb" is a, two bytes, b
    [InlineData(2, 1, 1)]
    [InlineData(3, 3, 2)]
    [InlineData(4, 4, 3)]
    public void EncodeToIds_ALimitInsideACharacter_LeavesAllOfItsTokensOut(int limit, int count, int consumed)
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta("Ġ a");
        IReadOnlyList<int> ids = tokenizer.EncodeToIds("a\u00E9b", limit, out _, out int end);
        Assert.Equal((count, consumed), (ids.Count, end));
        Assert.Equal(consumed, tokenizer.GetIndexByTokenCount("a\u00E9b", limit, out _, out int counted));
        Assert.Equal(count, counted);
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(2, 1, 2)]
    [InlineData(3, 3, 1)]
    [InlineData(4, 4, 0)]
    public void GetIndexByTokenCountFromEnd_ALimitInsideACharacter_LeavesAllOfItsTokensOut(int limit, int count, int start)
    {
        int index = BytePairTokenizers.Roberta("Ġ a").GetIndexByTokenCountFromEnd("a\u00E9b", limit, out _, out int counted);
        Assert.Equal((count, start), (counted, index));
    }

    [Fact]
    public void EncodeToIds_ACharacterOfMoreTokensThanTheLimit_GivesNone()
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta("Ġ Ã");
        Assert.Empty(tokenizer.EncodeToIds("\u00E9", 1, out _, out int consumed));
        Assert.Equal(0, consumed);
        Assert.Equal(1, tokenizer.GetIndexByTokenCountFromEnd("\u00E9", 1, out _, out int counted));
        Assert.Equal(0, counted);
    }
}
