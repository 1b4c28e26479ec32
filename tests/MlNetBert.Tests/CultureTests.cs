using System.Globalization;
using System.Text.Json.Nodes;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests;

/// <summary>A program under its user's culture trains, writes and reads what it does in the invariant one.</summary>
public sealed class CultureTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;

    public void Dispose()
    {
        CultureInfo.CurrentCulture = _culture;
        _directory.Dispose();
    }

    [Theory]
    [InlineData("pt-BR")]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    [InlineData("fa-IR")]
    public void Pretraining_InAnyCulture_WritesTheSameFiles(string name)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Run("invariant");
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(name);
        Run("foreign");

        string[] files = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(_directory.File($"invariant/{file}")), File.ReadAllBytes(_directory.File($"foreign/{file}"))));
        Assert.Equal(Card("invariant"), Card("foreign"));
        Assert.Equal(Settings("invariant"), Settings("foreign"));
        Assert.Equal(Losses("invariant"), Losses("foreign"));

        using var loaded = PretrainedModel.FromDirectory(_directory.File("foreign"));
        loaded.Save(_directory.File("again"));
        Assert.Equal(File.ReadAllBytes(_directory.File("foreign/config.json")), File.ReadAllBytes(_directory.File("again/config.json")));
        Assert.Contains("-0.5", Assert.Throws<InvalidOptionsException>(() => new CorpusPretraining(Options("bad") with { Training = new MlmOptions { LearningRate = -0.5 } })).Message, StringComparison.Ordinal);
    }

    /// <summary>The lines of the model card but for those that measure time.</summary>
    private List<string> Card(string run) => [.. File.ReadLines(_directory.File($"{run}/README.md")).Where(line => !line.StartsWith("| Time", StringComparison.Ordinal) && !line.StartsWith("| Tokens a", StringComparison.Ordinal))];

    private string Settings(string run) => File.ReadAllText(_directory.File($"{run}/checkpoints/step-3/trainer/run.json"));

    private List<string> Losses(string run) => [.. File.ReadLines(_directory.File($"{run}/metrics.jsonl")).Select(line => JsonNode.Parse(line)!["loss"]?.ToJsonString() ?? "")];

    private void Run(string run) => new CorpusPretraining(Options(run)).Run().Model.Dispose();

    private CorpusPretrainingOptions Options(string run)
    {
        var text = _directory.File("text.txt");
        if (!File.Exists(text))
            File.WriteAllLines(text, Enumerable.Range(0, 40).Select(i => $"THE CAT IS IN ISTANBUL {i} TIMES AND THE DOG RAN TO IT"));
        return new CorpusPretrainingOptions
        {
            TrainingFiles = [text],
            OutputDirectory = _directory.File(run),
            Blocks = new BlockOptions { BlockLength = 16 },
            Vocabulary = new WordPieceTokenizingOptions { VocabularySize = 120 },
            Training = new MlmOptions
            {
                Architecture = "bert",
                Size = "tiny",
                MaxSteps = 3,
                BatchSize = 4,
                LearningRate = 2.5e-4,
                WeightDecay = 0.01,
                WarmupRatio = 0.1,
                EvaluationFraction = 0.25,
                LogEveryNSteps = 1,
                Threads = 1,
                Seed = -5,
                Device = "cpu",
                Precision = Precision.Float32,
            },
        };
    }
}
