using MlNetBert.Cli.Tests.Support;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Cli.Tests.Verbs;

/// <summary>Models whose files are not whole or contradict each other, in every verb that opens one.</summary>
public class OpeningTests(TinyModels models) : IClassFixture<TinyModels>
{
    private const string Query = "bert.encoder.layer.1.attention.self.query.weight";

    [Fact]
    public void MissingEncoderWeight_IsAnErrorForPredictingAndDrawnForTrainingWhereItIsAllowed()
    {
        var model = models.Copy(models.Bert, "incomplete");
        Remove(model, Query);
        string[][] predictions =
        [
            ["fill-mask", "--model", model, "the [MASK]"], ["embed", "--model", model, "the cat"], ["evaluate", "--model", model, "--data", models.Text, "--block", "16"],
            ["convert", model, models.At("incomplete.zip")],
        ];

        Assert.All(predictions, verb => Tool.Run(verb).IsFailure(1, Query, "--allow-missing"));
        Assert.Contains(Query, Tool.Run("inspect", model).IsDone().Output, StringComparison.Ordinal);
        string[] pretrain = ["pretrain", "--from", model, "--data", models.Text, "--block", "16", "--max-steps", "1", "--device", "cpu", "--output"];
        Tool.Run([.. pretrain, models.At("refused")]).IsFailure(1, Query, "--allow-missing");
        Assert.Contains(Query, Tool.Run([.. pretrain, models.At("drawn"), "--allow-missing"]).IsDone().Error, StringComparison.Ordinal);
        Tool.Run("fill-mask", "--model", models.At("drawn"), "the [MASK]").IsDone();
    }

    [Fact]
    public void ContradictingTokenizer_TheOptionDecidesInEveryVerb()
    {
        var model = models.Copy(models.Bert, "contradicting");
        var file = Path.Combine(model, ModelFiles.TokenizerConfig);
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"do_lower_case\": true", "\"do_lower_case\": false", StringComparison.Ordinal));
        string[][] verbs =
        [
            ["tokenize", "--model", model, "The cat"], ["fill-mask", "--model", model, "The [MASK]"], ["embed", "--model", model, "The cat"], ["inspect", model],
            ["evaluate", "--model", model, "--data", models.Text, "--block", "16"],
            ["convert", model, models.At("decided")], ["convert", model, models.At("decided.zip")],
            ["pretrain", "--from", model, "--data", models.Text, "--block", "16", "--max-steps", "1", "--device", "cpu", "--output", models.At("decided-run")],
        ];
        const string Option = "(--tokenizer-precedence)";

        Assert.All(verbs.Where(verb => verb[0] is not ("inspect" or "convert")), verb => Tool.Run(verb).IsFailure(1, "'do_lower_case' is false, but tokenizer.json says normalizer.lowercase true", Option));
        Assert.All(verbs, verb => Tool.Run([.. verb, "--tokenizer-precedence", "tokenizer_config.json"]).IsDone());

        foreach (var saved in new[] { "decided", "decided.zip", "decided-run" })
            Assert.Equal("[UNK]", Tool.Run("tokenize", "--model", models.At(saved), "--json", "The").Object.GetProperty("tokens")[1].GetString());
        Assert.Equal("the", Tool.Run("tokenize", "--model", model, "--tokenizer-precedence", "tokenizer.json", "--json", "The").Object.GetProperty("tokens")[1].GetString());
    }

    [Fact]
    public void OptionsOfModels_WithoutAModel_AreWrongArguments()
    {
        Tool.Run("tokenize", "--vocabulary", models.Vocabulary, "--tokenizer-precedence", "tokenizer.json", "a").IsFailure(2, "--tokenizer-precedence goes with --model");
        Tool.Run("pretrain", "--data", models.Text, "--output", models.At("none"), "--allow-missing").IsFailure(2, "--allow-missing goes with --base-model");
        Tool.Run("tokenize", "--vocabulary", models.Vocabulary, "--revision", "v2", "a").IsFailure(2, "--revision goes with --model");
        Tool.Run("pretrain", "--data", models.Text, "--output", models.At("none"), "--revision", "v2").IsFailure(2, "--revision goes with --base-model");
        Tool.Run("embed", "--model", models.Bert, "--invalid-text", "drop", "a").IsFailure(2, "--invalid-text must be throw or replace");
    }

    private static void Remove(string directory, string name)
    {
        var path = Path.Combine(directory, ModelFiles.Weights);
        using var weights = CheckpointWeights.FromMemory(File.ReadAllBytes(path), path);
        SafetensorsWriter.Write(path, weights.Names.Where(other => other != name)
            .Select(other => new TensorData(other, weights.Describe(other).Dtype, weights.Describe(other).Shape, weights.GetBytes(other).ToArray())));
    }
}
