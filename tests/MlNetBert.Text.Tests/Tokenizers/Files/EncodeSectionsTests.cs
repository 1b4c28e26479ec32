using System.Text;
using System.Text.Json.Nodes;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers.Files;

public sealed class EncodeSectionsTests
{
    private const string Truncation = """{"direction":"Left","max_length":4,"strategy":"OnlyFirst","stride":0}""";
    private const string Padding =
        """
        {"strategy":{"Fixed":7},"direction":"Left","pad_to_multiple_of":8,"pad_id":1,"pad_type_id":0,"pad_token":"<pad>"}
        """;

    [Fact]
    public void StoredOptions_OfBothSections_CutAndPadATextWhereTheyAreGiven()
    {
        SubwordTokenizer tokenizer = Open(Truncation, Padding);
        Assert.Equal(
            new EncodeOptions
            {
                MaxLength = 4,
                Truncation = TruncationStrategy.OnlyFirst,
                TruncationSide = SequenceSide.Left,
                PaddingLength = 8,
                PaddingSide = SequenceSide.Left,
            },
            tokenizer.StoredOptions);
        Assert.Equal(1, tokenizer.SpecialTokens.PaddingTokenId); // no other file names one
        TokenEncoding encoding = tokenizer.Encode("abc", options: tokenizer.StoredOptions);
        Assert.Equal(["<pad>", "<pad>", "<pad>", "<pad>", "<s>", "b", "c", "</s>"], encoding.Tokens);
        Assert.Equal(6, tokenizer.Encode("abc").Count);
        Assert.Equal(tokenizer.StoredOptions, tokenizer.With(maxLength: 5).StoredOptions);
        Assert.Equal(new EncodeOptions(), Open("null", "null").StoredOptions);
    }

    [Fact]
    public void StoredOptions_PaddingToTheLongestOfABatch_SaysTheSideAlone()
    {
        SubwordTokenizer tokenizer = Open("null", Padding.Replace("""{"Fixed":7}""", "\"BatchLongest\"", StringComparison.Ordinal));
        Assert.Equal(new EncodeOptions { PaddingSide = SequenceSide.Left }, tokenizer.StoredOptions);
    }

    [Theory]
    [InlineData("""{"max_length":-1,"strategy":"OnlyFirst"}""", "null", "'truncation.max_length' must be a whole number, at least 0")]
    [InlineData("""{"max_length":1,"strategy":"only_first"}""", "null", "'truncation.strategy' is only_first, but must be LongestFirst or OnlyFirst")]
    [InlineData("""{"max_length":1}""", "null", "'truncation.strategy' is missing")]
    [InlineData("null", """{"strategy":"Longest","direction":"Right"}""", "'padding.strategy' must be BatchLongest or")]
    [InlineData("null", """{"strategy":{"Fixed":"a"},"direction":"Right"}""", "'padding.strategy.Fixed' must be a whole number")]
    [InlineData("null", """{"strategy":"BatchLongest","direction":"Middle"}""", "'padding.direction' is Middle, but must be Right or Left")]
    public void FromFiles_AFaultySection_NamesTheKey(string truncation, string padding, string fault) => Assert.Contains(
        fault, Assert.Throws<TokenizerFormatException>(() => Open(truncation, padding)).Message, StringComparison.Ordinal);

    private static SubwordTokenizer Open(string truncation, string padding)
    {
        JsonNode json = JsonNode.Parse(BytePairTokenizers.Roberta().ToFiles()["tokenizer.json"])!;
        json["truncation"] = JsonNode.Parse(truncation);
        json["padding"] = JsonNode.Parse(padding);
        return SubwordTokenizer.FromFiles(
            name => name == "tokenizer.json" ? new MemoryStream(Encoding.UTF8.GetBytes(json.ToJsonString())) : null, "model");
    }
}
