namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Unigram tokenizers of every family, against Hugging Face's.</summary>
public sealed class UnigramGoldenTests
{
    public static TheoryData<string> Names => ["unigram", "unigram-bytes", "xlmr", "t5", "xlnet", "albert", "debertav2"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_GoldenLine_EqualsHuggingFace(string name) => GoldenTokenizer.AssertEqual(GoldenTokenizer.Open(name), name);

    [Theory]
    [MemberData(nameof(Names))]
    public void ToFiles_ReadAgain_EncodesTheSame(string name)
    {
        SubwordTokenizer tokenizer = GoldenTokenizer.Open(name);
        IReadOnlyDictionary<string, byte[]> files = tokenizer.ToFiles();
        SubwordTokenizer again = SubwordTokenizer.FromFiles(
            file => files.TryGetValue(file, out byte[]? bytes) ? new MemoryStream(bytes) : null, name);
        GoldenTokenizer.AssertEqual(again, name);
        Assert.Equal(tokenizer.Fingerprint, again.Fingerprint);
        Assert.Equal(tokenizer.SpecialTokens, again.SpecialTokens);
    }
}
