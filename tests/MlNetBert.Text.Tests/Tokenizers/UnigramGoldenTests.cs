namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Unigram tokenizers and SentencePiece's models of every family, against Hugging Face's.</summary>
public sealed class UnigramGoldenTests
{
    public static TheoryData<string, string> Directories => new()
    {
        { "unigram", "unigram" },
        { "unigram-bytes", "unigram-bytes" },
        { "xlmr", "xlmr" },
        { "t5", "t5" },
        { "xlnet", "xlnet" },
        { "albert", "albert" },
        { "debertav2", "debertav2" },
        { "llamaspm", "llamaspm" },
        { "xlmr-files", "xlmr" },
        { "camembert-files", "camembert-files" },
        { "t5-files", "t5" },
        { "xlnet-files", "xlnet" },
        { "albert-files", "albert" },
        { "debertav2-files", "debertav2" },
        { "llamaspm-files", "llamaspm" },
    };

    [Theory]
    [MemberData(nameof(Directories))]
    public void Encode_GoldenLine_EqualsHuggingFace(string directory, string lines) =>
        GoldenTokenizer.AssertEqual(GoldenTokenizer.Open(directory), lines);

    [Theory]
    [MemberData(nameof(Directories))]
    public void ToFiles_ReadAgain_EncodesTheSame(string directory, string lines) => GoldenTokenizer.AssertReadAgain(directory, lines);

    [Theory]
    [InlineData("albert")]
    [InlineData("debertav2")]
    [InlineData("llamaspm")]
    [InlineData("t5")]
    [InlineData("xlmr")]
    [InlineData("xlnet")]
    public void FromDirectory_AModelOfSentencePieceAlone_IsWhatTransformersMakesOfIt(string family) =>
        Assert.Equal(GoldenTokenizer.Open(family).Fingerprint, GoldenTokenizer.Open($"{family}-files").Fingerprint);
}
