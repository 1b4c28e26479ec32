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
}
