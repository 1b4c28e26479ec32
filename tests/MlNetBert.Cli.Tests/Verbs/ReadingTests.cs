using System.Diagnostics;
using System.Text;
using System.Text.Json;
using MlNetBert.Cli.Tests.Support;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Cli.Tests.Verbs;

/// <summary>How verbs read texts: alike in all of them.</summary>
public class ReadingTests(TinyModels models) : IClassFixture<TinyModels>
{
    private static int Runs;

    /// <summary>Every verb that reads files.</summary>
    public static TheoryData<string> Verbs => ["train-vocabulary", "evaluate", "pretrain"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Data_Latin1_IsRefusedUnlessDeclaredOrReplaced(string verb)
    {
        var data = Write("latin1.txt", Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("the café sat on the mat\n", 40))));

        Run(verb, data).IsFailure(1, data, "line 1", "--encoding", "--invalid-utf8 replace");
        Assert.DoesNotContain("broken", Run(verb, data, "--encoding", "latin1").IsDone().Error, StringComparison.Ordinal);
        Assert.Contains("Warning: 40 broken UTF-8 sequences", Run(verb, data, "--invalid-utf8", "replace").IsDone().Error, StringComparison.Ordinal);
        Run(verb, data, "--encoding", "latin-9000").IsFailure(2, "--encoding");
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Data_TableAgainstItsHeader_IsRefusedInTheOptionsOfTheVerb(string verb)
    {
        Run(verb, Write("more.csv", "id,text\n1,Hello, world\n"u8), "--column", "text").IsFailure(1, "more.csv, line 2", "--separator");
        Run(verb, Write("semicolon.csv", "text;label\ngood;1\n"u8)).IsFailure(1, "'text', 'label'", "--column");
        Run(verb, Write("odd.csv", "id,text\n1,\"Best film\n2,dull\n"u8), "--column", "text").IsFailure(1, "line 2", "--quotes none");
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Data_Tsv_IsReadByTheFileOrByTheOption(string verb)
    {
        var rows = string.Concat(Enumerable.Range(0, 40).Select(i => $"{i}\t\"the cat sat on the mat\n"));
        var data = Write("quotes.tsv", Encoding.UTF8.GetBytes("id\ttext\n" + rows));

        Assert.Contains("--quotes csv", Run(verb, data, "--column", "text").IsDone().Error, StringComparison.Ordinal);
        Run(verb, data, "--column", "text", "--quotes", "csv").IsFailure(1, "line");
        Run(verb, data, "--column", "text", "--separator", "two").IsFailure(2, "--separator");
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Data_Pipe_IsRefusedByNameAndLeftOutOfADirectory(string verb)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo");
        var directory = Directory.CreateDirectory(models.At(NewName("pipes"))).FullName;
        var pipe = Path.Combine(directory, "f.txt");
        using (var make = Process.Start("mkfifo", [pipe]))
            make.WaitForExit();
        File.Copy(models.Text, Path.Combine(directory, "a.txt"));
        Directory.CreateSymbolicLink(Path.Combine(directory, "self"), ".");

        Run(verb, pipe).IsFailure(1, pipe, "pipe");
        var error = Run(verb, directory).IsDone().Error;
        Assert.Contains(pipe, error, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(directory, "self"), error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenize")]
    [InlineData("embed")]
    [InlineData("fill-mask")]
    public void StandardInput_OtherEncodings_AreReadByMarkOrAsDeclared(string verb)
    {
        string[] arguments = [verb, "--model", models.Bert, "--json", "-"];
        var expected = Bytes("the café [MASK]\n"u8.ToArray(), arguments).IsDone();

        Assert.Equal(expected.Output, Bytes(Encoding.UTF8.GetBytes("\uFEFFthe café [MASK]\n"), arguments).IsDone().Output);
        Assert.Equal(expected.Output, Bytes([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("the café [MASK]\n")], arguments).IsDone().Output);
        Assert.Equal(expected.Output, Bytes(Encoding.Latin1.GetBytes("the café [MASK]\n"), [.. arguments, "--encoding", "windows-1252"]).IsDone().Output);
        Bytes(Encoding.Latin1.GetBytes("ok [MASK]\ncafé [MASK]\n"), arguments).IsFailure(1, "Standard input, line 2", "--encoding");
        Assert.Contains("1 broken UTF-8", Bytes(Encoding.Latin1.GetBytes("café [MASK]\n"), [.. arguments, "--invalid-utf8", "replace"]).IsDone().Error, StringComparison.Ordinal);
        Tool.Run(verb, "--model", models.Bert, "--encoding", "latin1", "the [MASK]").IsFailure(2, "--encoding goes with -");
    }

    [Fact]
    public void TrainVocabulary_OutputIsAText_IsRefusedAndTheTextIsWhole()
    {
        var directory = Directory.CreateDirectory(models.At(NewName("texts"))).FullName;
        var text = Path.Combine(directory, "t.txt");
        File.Copy(models.Text, text);
        var link = models.At(NewName("link"));
        File.CreateSymbolicLink(link, text);

        foreach (var (data, output) in new[] { (text, text), (directory, text), (text, link), (link + "/../" + Path.GetFileName(directory), text), (directory, Path.Combine(directory, ".", "t.txt")) })
            Tool.Run("train-vocabulary", "--data", data, "--output", output).IsFailure(2, "--output", "--data");
        Tool.Run("train-vocabulary", "--data", models.Text, "--eval-data", directory, "--output", text).IsFailure(2, "--eval-data");
        Assert.Equal(File.ReadAllBytes(models.Text), File.ReadAllBytes(text));
    }

    [Fact]
    public void TrainVocabulary_OutputBesideTheTexts_IsSaidToBecomeOne()
    {
        var directory = Directory.CreateDirectory(models.At(NewName("texts"))).FullName;
        File.Copy(models.Text, Path.Combine(directory, "t.txt"));
        string[] arguments = ["train-vocabulary", "--data", directory, "--size", "60", "--output"];

        Assert.Contains("will be read as a text", Tool.Run([.. arguments, Path.Combine(directory, "vocab.txt")]).IsDone().Error, StringComparison.Ordinal);
        Tool.Run([.. arguments, Path.Combine(directory, "vocab.txt")]).IsFailure(2, "--output");
        Assert.DoesNotContain("will be read", Tool.Run([.. arguments, Path.Combine(directory, "vocab.json")]).IsDone().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainVocabulary_EvaluationDataWithoutAWord_IsSaidAndGivesNull()
    {
        var empty = Write("empty.txt", []);

        var result = Tool.Run("train-vocabulary", "--data", models.Text, "--eval-data", empty, "--size", "60", "--output", models.At("of-empty.txt"), "--json");

        Assert.Equal(JsonValueKind.Null, result.Object.GetProperty("tokens_per_word").ValueKind);
        Assert.Equal(JsonValueKind.Null, result.Object.GetProperty("unknown_share").ValueKind);
        Assert.Contains("hold no word", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Pretrain_OutputAndVocabularyAmongTheTexts_AreNoTextsAndTheRunGoesOn()
    {
        var directory = Directory.CreateDirectory(models.At(NewName("corpus"))).FullName;
        File.Copy(models.Text, Path.Combine(directory, "a.txt"));
        var vocabulary = Path.Combine(directory, "vocab.txt");
        File.Copy(models.Vocabulary, vocabulary);
        string[] arguments =
        [
            "pretrain", "--data", directory, "--vocabulary", vocabulary, "--output", Path.Combine(directory, "out"), "--size", "tiny", "--block", "16", "--batch", "4", "--save-every", "2",
            "--threads", "1", "--max-steps",
        ];

        Assert.Contains(vocabulary, Tool.Run([.. arguments, "2"]).IsDone().Error, StringComparison.Ordinal);
        var resumed = Tool.Run([.. arguments, "4", "--resume", "--accept-changes"]).IsDone();

        Assert.Contains("Going on from", resumed.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Tokenizing", resumed.Error, StringComparison.Ordinal);
        Assert.Contains("left out 2 that this run writes", resumed.Error, StringComparison.Ordinal);
        Tool.Run(["pretrain", "--data", Path.Combine(directory, "out"), "--vocabulary", vocabulary, "--output", Path.Combine(directory, "out"), "--resume"]).IsFailure(1, "--output");
    }

    [Fact]
    public void EvaluationData_AmongTheTrainingData_IsSaid()
    {
        var result = Run("pretrain", models.Text, "--eval-data", models.Text).IsDone();

        Assert.Contains("1 of the 1 files to evaluate on are trained on, too", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evaluate")]
    [InlineData("pretrain")]
    public void Data_OfUnknownWordsAlone_IsRefused(string verb) =>
        Run(verb, Write("unknown.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Ωμέγα ξένος\n", 200))))).IsFailure(1, "no token that can be masked", "unknown");

    [Fact]
    public void Model_WithWeightsThatAreNoNumbers_GivesNoFigure()
    {
        var broken = models.Copy(models.Bert, NewName("nan"));
        var weights = Path.Combine(broken, "model.safetensors");
        List<TensorData> tensors;
        using (var file = SafetensorsFile.Open(weights))
        {
            tensors = [.. file.Tensors.Keys.Select(name => new TensorData(name, file.Describe(name).Dtype, file.Describe(name).Shape, file.GetBytes(name).ToArray()))];
        }

        SafetensorsWriter.Write(weights, tensors.Select(tensor => tensor.Name.EndsWith("embeddings.LayerNorm.weight", StringComparison.Ordinal)
            ? TensorData.From<float>(tensor.Name, SafetensorsDtype.F32, tensor.Shape, Enumerable.Repeat(float.NaN, (int)tensor.Shape[0]).ToArray())
            : tensor));

        Tool.Run("evaluate", "--model", broken, "--data", models.Text, "--json").IsFailure(1, "finite");
        Tool.Run("embed", "--model", broken, "--json", "the cat").IsFailure(1, "finite");
        Tool.Run("fill-mask", "--model", broken, "--json", "the [MASK]").IsFailure(1, "finite");
        Tool.Run("pretrain", "--data", models.Text, "--eval-share", "0.2", "--from", broken, "--output", models.At(NewName("run")), "--max-steps", "1", "--threads", "1").IsFailure(1, "finite");
    }

    private static string NewName(string name) => $"{name}-{Interlocked.Increment(ref Runs)}";

    private static CliResult Bytes(byte[] input, params string[] arguments)
    {
        using var process = Tool.Start(null, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return new CliResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    private CliResult Run(string verb, string data, params string[] more) => Tool.Run(
    [
        verb, "--data", data,
        .. verb switch
        {
            "train-vocabulary" => ["--size", "60", "--output", models.At(NewName("vocabulary") + ".txt")],
            "evaluate" => (string[])["--model", models.Bert, "--block", "8"],
            _ => ["--from", models.Bert, "--block", "8", "--max-steps", "1", "--batch", "2", "--threads", "1", "--output", models.At(NewName("run"))],
        },
        .. more,
    ]);

    private string Write(string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(Directory.CreateDirectory(models.At(NewName("data"))).FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
