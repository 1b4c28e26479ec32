using System.Text.RegularExpressions;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests;

/// <summary>Every verb under the locales of users who write numbers, letters and signs in other ways: it reads and writes what it does in the invariant culture.</summary>
public sealed partial class CultureTests(TinyModels models) : IClassFixture<TinyModels>
{
    private static readonly Dictionary<string, string> Neutral = new() { ["LC_ALL"] = "", ["LANG"] = "C" };
    private const int Measuring = 4; // the first verbs below, whose output no two runs have in common
    private static readonly Lock Gate = new();
    private static List<CliResult>? NeutralResults;

    [Theory]
    [InlineData("LANG", "pt_BR.UTF-8")]
    [InlineData("LANG", "de_DE.UTF-8")]
    [InlineData("LANG", "tr_TR.UTF-8")]
    [InlineData("LANG", "ar_SA.UTF-8")]
    [InlineData("LANG", "fa_IR.UTF-8")]
    [InlineData("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")]
    public void Verbs_InAnyLocale_ReadAndWriteTheSame(string variable, string value)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows takes its locale from the user's settings, not from LANG.");
        List<CliResult> expected;
        lock (Gate)
            expected = NeutralResults ??= RunAll("neutral", Neutral);

        var found = RunAll(value, new Dictionary<string, string>(Neutral) { [variable] = value });

        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].ExitCode, found[i].ExitCode);
            var (before, now) = (Texts(expected[i], "neutral"), Texts(found[i], value));
            if (i < Measuring)
                Assert.DoesNotMatch(ForeignNumber(), now);
            else
                Assert.Equal(before, now);
        }

        var settings = File.ReadAllText(Path.Combine(models.At(value), "out", "checkpoints", "step-2", "trainer", "run.json"));
        string[] as_typed = ["\"learning rate\": \"0.00025\"", "\"weight decay\": \"0.01\"", "\"warm-up\": \"0.1\"", "\"clipping\": \"0.5\""];
        Assert.All(as_typed, setting => Assert.Contains(setting, settings, StringComparison.Ordinal));
        string[] written = ["model.safetensors", "config.json", "tokenizer.json"];
        Assert.All(written, name => Assert.Equal(File.ReadAllBytes(Path.Combine(models.At("neutral"), "out", name)), File.ReadAllBytes(Path.Combine(models.At(value), "out", name))));
    }

    // ITSELF in Turkish, decimals, exponents and a minus sign: what cultures write in other ways.
    private List<CliResult> RunAll(string name, Dictionary<string, string> environment)
    {
        var directory = Directory.CreateDirectory(models.At(name)).FullName;
        string At(string file) => Path.Combine(directory, file);
        var data = models.Text;
        string[][] verbs =
        [
            ["doctor"],
            ["bench", "--size", "tiny", "--vocabulary-size", "100", "--batch", "1", "--block", "8", "--steps", "1", "--precision", "fp32"],
            ["train-vocabulary", "--data", data, "--size", "60", "--output", At("vocab.txt")],
            [
                "pretrain", "--data", data, "--vocabulary", models.Vocabulary, "--size", "tiny", "--architecture", "bert", "--block", "16", "--batch", "4", "--max-steps", "2", "--threads", "1",
                "--learning-rate", "2.5e-4", "--weight-decay", "0.01", "--warmup", "0.1", "--clip", "0.5", "--eval-share", "0.25", "--mask-probability", "0.2", "--seed", "-5", "--output", At("out"),
            ],
            ["tokenize", "--vocabulary", models.Vocabulary, "--json", "THE CAT IS IN PARIS"],
            ["tokenize", "--vocabulary", models.Vocabulary, "THE CAT IS IN PARIS"],
            ["evaluate", "--model", models.Bert, "--data", data, "--block", "16"],
            ["fill-mask", "--model", models.Bert, "--top", "2", "THE [MASK] IS IN"],
            ["embed", "--model", models.Bert, "--json", "THE CAT"],
            ["embed", "--model", models.Bert, "THE CAT"],
            ["inspect", models.Bert],
            ["verify", TestFiles.GoldenModel("bert-mlm"), "--reference", Path.Combine(TestFiles.GoldenModel("bert-mlm"), "reference.safetensors")],
            ["convert", models.Bert, At("model.zip"), "--json"],
            ["fill-mask", "--model", At("model.zip"), "--top", "2", "--json", "THE [MASK] IS IN"],
            ["pretrain", "--data", data, "--vocabulary", models.Vocabulary, "--output", At("no"), "--learning-rate", "-0.5", "--weight-decay", "-0.5"],
        ];
        return [.. verbs.Select(verb => Tool.RunWith(null, environment, verb))];
    }

    private string Texts(CliResult result, string name) => (result.Output + result.Error).Replace(models.At(name), "DIRECTORY", StringComparison.Ordinal);

    /// <summary>A decimal comma, a point or a space between thousands, and signs and digits beyond ASCII.</summary>
    [GeneratedRegex(@"[0-9],([0-9]{1,2}|[0-9]{4,})(?![0-9\]])[^""]|[0-9][\u00A0\u202F\u066B\u066C'\u2019][0-9]|\u2212|[\u0660-\u0669\u06F0-\u06F9]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ForeignNumber();
}
