namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Byte-pair tokenizers of every common layout, against Hugging Face's.</summary>
public sealed class BytePairGoldenTests
{
    public static TheoryData<string, string> Directories => new()
    {
        { "gpt2", "gpt2" },
        { "gpt2-strings", "gpt2" },
        { "gpt2-files", "gpt2" },
        { "roberta", "roberta" },
        { "roberta-files", "roberta-files" },
        { "modernbert", "modernbert" },
        { "llama3", "llama3" },
        { "falcon", "falcon" },
        { "llama2", "llama2" },
        { "llamaspm", "llamaspm" },
    };

    [Theory]
    [MemberData(nameof(Directories))]
    public void Encode_GoldenLine_EqualsHuggingFace(string directory, string lines) =>
        GoldenTokenizer.AssertEqual(GoldenTokenizer.Open(directory), lines);

    [Theory]
    [MemberData(nameof(Directories))]
    public void ToFiles_ReadAgain_EncodesTheSame(string directory, string lines) => GoldenTokenizer.AssertReadAgain(directory, lines);
}
