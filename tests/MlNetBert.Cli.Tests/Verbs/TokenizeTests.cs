using System.Text.Json;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests.Verbs;

public class TokenizeTests(TinyModels models) : IClassFixture<TinyModels>
{
    [Fact]
    public void Tokenize_Json_GivesIdsTokensAndOffsetsInUtf16()
    {
        var result = Tool.Run("tokenize", "--vocabulary", models.Vocabulary, "--json", "The 😀 Cats").Object;

        Assert.Equal("The 😀 Cats", result.GetProperty("text").GetString());
        Assert.Equal("[2,7,1,8,20,3]", JsonSerializer.Serialize(result.GetProperty("ids")));
        Assert.Equal(["[CLS]", "the", "[UNK]", "cat", "##s", "[SEP]"], result.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
        Assert.Equal("[[0,0],[0,3],[4,6],[7,10],[10,11],[0,0]]", JsonSerializer.Serialize(result.GetProperty("offsets")));
    }

    [Fact]
    public void Tokenize_MaskInTheText_HasItsPlace()
    {
        var result = Tool.Run("tokenize", "--model", models.Bert, "--json", "a [MASK]").Object;

        Assert.Equal("[[0,0],[0,1],[2,8],[0,0]]", JsonSerializer.Serialize(result.GetProperty("offsets")));
    }

    [Fact]
    public void Tokenize_StandardInput_GivesAResultForEveryLineInOrder()
    {
        var results = Tool.RunWith("cat\n\ndog @mat\n", null, "tokenize", "--model", models.Bert, "--json", "first", "-", "@last").IsDone().Objects;

        Assert.Equal(["first", "cat", "", "dog @mat", "@last"], results.Select(result => result.GetProperty("text").GetString()));
        Assert.Equal("[2,3]", JsonSerializer.Serialize(results[2].GetProperty("ids")));
    }

    [Fact]
    public void Tokenize_TextLikeAnOption_FollowsTwoDashes()
    {
        var result = Tool.Run("tokenize", "--model", models.Bert, "--json", "--", "--cat").Object;

        Assert.Equal("--cat", result.GetProperty("text").GetString());
    }

    [Fact]
    public void Tokenize_Cased_KeepsCaseAndAccents()
    {
        Assert.Contains("cafe", Tool.Run("tokenize", "--vocabulary", models.Vocabulary, "--json", "Café").IsDone().Output.Split("tokens")[1], StringComparison.Ordinal);
        Assert.Contains("[UNK]", Tool.Run("tokenize", "--vocabulary", models.Vocabulary, "--cased", "--json", "Café").IsDone().Output, StringComparison.Ordinal);
        Assert.Contains(
            "\"cafe\"", Tool.Run("tokenize", "--vocabulary", models.Vocabulary, "--cased", "--strip-accents", "true", "--json", "café").IsDone().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokenize_CasedVocabularyInLowerCase_IsWarnedAbout()
    {
        var file = models.At("cased.txt");
        File.WriteAllLines(file, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "Paris", "paris", "is"]);

        var warned = Tool.Run("tokenize", "--vocabulary", file, "Paris is").IsDone();

        Assert.Contains("1 of the vocabulary's 3 pieces have upper-case letters", warned.Error, StringComparison.Ordinal);
        Assert.Contains("--lower-case false", warned.Error, StringComparison.Ordinal);
        Assert.Empty(Tool.Run("tokenize", "--vocabulary", file, "--lower-case", "false", "Paris is").IsDone().Error);
    }

    [Theory]
    [InlineData("wordpiece-uncased")]
    [InlineData("wordpiece-cased", "--cased")]
    [InlineData("wordpiece-cased-strip", "--cased", "--strip-accents", "true")]
    [InlineData("wordpiece-uncased-keep-accents", "--strip-accents", "false")]
    [InlineData("wordpiece-uncased-no-chinese", "--split-ideographs", "false")]
    [InlineData("wordpiece-uncased-real")]
    public void Tokenize_GoldenTexts_EqualsHuggingFace(string file, params string[] options)
    {
        var vocabulary = TestFiles.Shared("data", "bert-base-uncased-vocab.txt");
        var golden = File.ReadLines(TestFiles.Shared("golden", "tokens", file + ".jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => !line.GetProperty("text").GetString()!.Contains('\n') && !line.GetProperty("text").GetString()!.EndsWith('\r')).ToList();
        var input = string.Concat(golden.Select(line => line.GetProperty("text").GetString() + "\n"));

        var results = Tool.RunWith(input, null, ["tokenize", "--vocabulary", vocabulary, .. options, "--json", "-"]).IsDone().Objects;

        Assert.Equal(golden.Count, results.Count);
        foreach (var (expected, actual) in golden.Zip(results))
        {
            Assert.Equal(JsonSerializer.Serialize(expected.GetProperty("ids")), JsonSerializer.Serialize(actual.GetProperty("ids")));
            Assert.Equal(InUtf16(expected), JsonSerializer.Serialize(actual.GetProperty("offsets")));
        }
    }

    [Fact]
    public void Tokenize_VocabularyWithoutSpecialTokens_Fails()
    {
        var file = models.At("plain.txt");
        File.WriteAllLines(file, ["a", "b"]);

        Tool.Run("tokenize", "--vocabulary", file, "--json", "a").IsFailure(1, file, "[UNK]");
    }

    [Fact]
    public void Tokenize_NoVocabularyFile_Fails() => Tool.Run("tokenize", "--vocabulary", models.At("none.txt"), "a").IsFailure(1, "none.txt");

    private static string InUtf16(JsonElement line)
    {
        var starts = new List<int> { 0 };
        foreach (var rune in line.GetProperty("text").GetString()!.EnumerateRunes())
            starts.Add(starts[^1] + rune.Utf16SequenceLength);
        return JsonSerializer.Serialize(line.GetProperty("offsets").EnumerateArray().Select(offset => offset.EnumerateArray().Select(place => starts[place.GetInt32()])));
    }
}
