using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Models.Llama;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Tests.Pretraining.Clm;

public class ClmPretrainingEstimatorTests
{
    private const string Known = "The cat sits near the mat.";
    private const string Odd = "mat the near sits cat The.";

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Fit_SmallCorpus_LearnsWhichTextsAreLikely()
    {
        var transformer = TinyClm.Fitted.LastTransformer;
        var first = transformer.History.First(row => row.EvaluationPerplexity is not null).EvaluationPerplexity;

        var rows = TinyClm.Read(_ml, TinyClm.Fitted, Known, Odd);

        Assert.True(transformer.Evaluation!.Perplexity < first / 3, $"{transformer.Evaluation.Perplexity} after {first}");
        Assert.True(rows[0].Score > rows[1].Score + 0.2, $"{rows[0].Score} and {rows[1].Score}");
        Assert.All(rows, row => Assert.Equal(Math.Exp(-row.Score), row.Perplexity, 1e-4 * row.Perplexity));
        Assert.Equal(ModelHead.CausalLanguageModel, transformer.Model.Head);
    }

    [Fact]
    public void Save_AndLoadInAFreshProcess_GivesTheSameScores()
    {
        using var directory = new TemporaryDirectory();
        _ml.Model.Save(TinyClm.Fitted, Tiny.Rows(_ml, Known).Schema, directory.File("m.zip"));

        var child = ChildProcess.Run(ScoreInChild, directory.File("m.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(ScoreInChild(directory.File("m.zip")), child.Result);
        Assert.StartsWith(FormattableString.Invariant($"{TinyClm.Read(_ml, TinyClm.Fitted, Known)[0].Score:R} "), child.Result, StringComparison.Ordinal);
    }

    [Fact]
    public void CreatePredictionEngine_OfAFittedPipeline_GivesWhatTransformGives()
    {
        var expected = TinyClm.Read(_ml, TinyClm.Fitted, Known, Odd);
        var again = Tiny.Reload<ITransformer>(_ml, TinyClm.Fitted, Tiny.Rows(_ml, Known).Schema);
        using var engine = _ml.Model.CreatePredictionEngine<SmallCorpus.Row, TextGenerationPrediction>(again);

        Assert.Equal(expected[0].Score, engine.Predict(new SmallCorpus.Row { Text = Known }).Score, 1e-5);
        Assert.Equal(expected[1].Score, engine.Predict(new SmallCorpus.Row { Text = Odd }).Score, 1e-5);
    }

    [Fact]
    public void Fit_FromACheckpoint_BeginsWithItsWeights()
    {
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        var options = new ClmOptions { MaxSteps = 1, BatchSize = 8, LearningRate = 1e-9, Threads = 1, Device = "cpu", Precision = Precision.Float32 };

        var fitted = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Append(Tiny.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", model, options)).Fit(SmallCorpus.Load(_ml));

        Assert.Equal(TinyClm.Read(_ml, TinyClm.Fitted, Known)[0].Score, TinyClm.Read(_ml, fitted, Known)[0].Score, 1e-4);
    }

    /// <summary>What a model's files say of writing texts outlives training, checkpoints, saving and ML.NET's zip.</summary>
    [Fact]
    public void Fit_FromACheckpointWithGenerationConfig_KeepsTheFile()
    {
        using var directory = new TemporaryDirectory();
        const string File = "generation_config.json", Json = """{"eos_token_id": [7, 9], "top_k": 50}""";
        var path = TinyCausal.Of(directory);
        System.IO.File.WriteAllText(Path.Combine(path, File), Json);
        using var model = PretrainedModel.FromDirectory(path);
        var options = new ClmOptions { MaxSteps = 1, BatchSize = 8, Threads = 1, Device = "cpu", CheckpointDirectory = directory.File("run"), SaveEveryNSteps = 1 };
        var data = SmallCorpus.Load(_ml);

        var fitted = _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", model).Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", model, options)).Fit(data);
        fitted.LastTransformer.Model.Save(directory.File("saved"));
        var zipped = Tiny.Reload<TransformerChain<ITransformer>>(_ml, fitted, data.Schema);
        ((TextGenerationTransformer)zipped.LastTransformer).Model.Save(directory.File("zipped"));

        Assert.Equal(Json, System.IO.File.ReadAllText(Path.Combine(directory.File("saved"), File)));
        Assert.Equal(Json, System.IO.File.ReadAllText(Path.Combine(directory.File("zipped"), File)));
        Assert.Equal(Json, System.IO.File.ReadAllText(Path.Combine(Assert.Single(Directory.GetDirectories(directory.File("run"))), "step-1", File)));
        Assert.Equal([7, 9], fitted.LastTransformer.Model.GenerationFiles.EndIds);
        using var again = PretrainedModel.FromTransformer(fitted);
        var twice = _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", again).Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", again, options with { CheckpointDirectory = null, SaveEveryNSteps = null })).Fit(data);
        Assert.Equal([7, 9], twice.LastTransformer.Model.GenerationFiles.EndIds);
    }

    /// <summary>A classifier that is trained from a causal model writes no texts: its directory has no such file.</summary>
    [Fact]
    public void Share_ModelThatWritesNoTexts_HasNoGenerationConfig()
    {
        using var directory = new TemporaryDirectory();
        var path = TinyCausal.Of(directory);
        File.WriteAllText(Path.Combine(path, "generation_config.json"), """{"eos_token_id": 7}""");
        using var model = PretrainedModel.FromDirectory(path);
        using var classifier = new PretrainedModel(new SharedModel(ModelArchitecture.Of(model.Config).Create(ModelHead.SequenceClassifier, model.Config, 1), model.Tokenizer, "made here", model.Shared));

        classifier.Save(directory.File("saved"));

        Assert.False(File.Exists(Path.Combine(directory.File("saved"), "generation_config.json")));
    }

    [Theory]
    [InlineData("clm", "<begin>", "<end>")]
    [InlineData("mlm", "<cls>", "<sep>")]
    public void ConfigurationFor_TokenizerWithSeparatorsAndTextTokens_NamesThoseOfTheObjective(string objective, string begin, string end)
    {
        using var directory = new TemporaryDirectory();
        TinyCausal.Learn("<cls>", "<sep>", "<begin>", "<end>").Save(directory.Path);
        Checkpoint.EditConfig(directory.Path, config =>
        {
            foreach (var (role, token) in new[] { ("cls", "<cls>"), ("sep", "<sep>"), ("bos", "<begin>"), ("eos", "<end>") })
                config[$"{role}_token"] = token;
        }, "tokenizer_config.json");
        Checkpoint.EditConfig(directory.Path, json => json["post_processor"] = null, "tokenizer.json");
        var tokenizer = SubwordTokenizer.FromDirectory(directory.Path);

        var json = PretrainingRun.ConfigurationFor(tokenizer, 16, start: null, objective == "clm" ? new ClmOptions() : new MlmOptions()).ToJson();

        Assert.Equal((begin, end), (tokenizer.Vocabulary[(int)json["bos_token_id"]!], tokenizer.Vocabulary[(int)json["eos_token_id"]!]));
    }

    [Fact]
    public void DescribeTrouble_ConfigurationWithOtherEndTokens_SaysWhatDocumentsEndWith()
    {
        using var directory = new TemporaryDirectory();
        var blocks = new BlockArray(3, TinyCausal.Tokenizer.Vocabulary.Count);
        var config = (LlamaConfig)ModelArchitecture.ReadConfig(Path.Combine(TinyCausal.Of(directory), "config.json"));
        IEnumerable<string> Trouble(ModelConfig? asked) => PretrainingTask.Get("clm").DescribeTrouble(new(blocks, TinyCausal.Tokenizer, new ClmOptions { Config = asked }, 1));

        var end = BlockTemplate.EndOf(TinyCausal.Tokenizer)!.Value;
        Assert.Contains($"{end} ('{TinyCausal.Tokenizer.Vocabulary[end]}')", Assert.Single(Trouble(config with { EndTokenIds = [end + 1] })), StringComparison.Ordinal);
        Assert.Empty(Trouble(config with { EndTokenIds = [end + 1, end] }));
        Assert.Empty(Trouble(config with { EndTokenIds = [] }));
        Assert.Empty(Trouble(null));
    }

    [Theory]
    [InlineData("clm", false)]
    [InlineData("clm", true)]
    [InlineData("mlm", false)]
    public void DescribeStart_CheckpointWhoseTextsEndElsewhere_SaysWhatDocumentsEndWith(string objective, bool endsThere)
    {
        using var directory = new TemporaryDirectory();
        var path = TinyCausal.Of(directory);
        var end = BlockTemplate.EndOf(TinyCausal.Tokenizer)!.Value;
        File.WriteAllText(Path.Combine(path, "generation_config.json"), $$"""{"eos_token_id": [{{end + 1}}{{(endsThere ? $", {end}" : "")}}]}""");
        using var start = PretrainedModel.FromDirectory(path, cancellationToken: TestContext.Current.CancellationToken);

        string[] said = [.. PretrainingTask.Get(objective).DescribeStart(start)];

        if (endsThere || objective == "mlm")
            Assert.Empty(said);
        else
            Assert.Contains($"with {end} ('{TinyCausal.Tokenizer.Vocabulary[end]}')", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_FromACheckpointWithoutACausalModel_SaysWhichArchitecturesHaveOne()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var pipeline = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", model));

        var exception = Assert.Throws<InvalidOptionsException>(() => pipeline.Fit(SmallCorpus.Load(_ml)));

        Assert.Contains("llama", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'bert'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PretrainClm_OfAnArchitectureWithoutACausalModel_IsRefusedAtOnce()
    {
        var named = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainClm("P", "T", new ClmOptions { Architecture = "modernbert" }));
        var whole = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainClm("P", "T", new ClmOptions { Config = Tiny.Config }));

        Assert.Contains(nameof(ClmOptions.Architecture), Assert.Single(named.Errors), StringComparison.Ordinal);
        Assert.Contains(nameof(ClmOptions.Config), Assert.Single(whole.Errors), StringComparison.Ordinal);
        Assert.Contains("causal language modeling", named.Message, StringComparison.Ordinal);
        Assert.Contains("masked", Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainMlm("P", "T", new MlmOptions { Architecture = "llama" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithATokenizerWithoutAnEndToken_SaysHowToNameOne()
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(
            ["[PAD]", "[UNK]", "the", "cat", "dog"], new() { ClassificationToken = null, SeparatorToken = null, MaskToken = null });
        var pipeline = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer).Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", new ClmOptions { Size = "tiny" }));

        var exception = Assert.Throws<InvalidOperationException>(() => pipeline.Fit(SmallCorpus.Load(_ml)));

        Assert.Contains("eos_token", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithATokenizerWithoutMaskAndPadding_Trains()
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(
            ["[UNK]", "[END]", "the", "cat", "sits", "near", "mat", "."],
            new() { ClassificationToken = null, SeparatorToken = null, MaskToken = null, PaddingToken = null, EndOfTextToken = "[END]" });
        var fitted = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer)
            .Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 12, packing: BlockPacking.OneDocumentPerBlock))
            .Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", new ClmOptions { Size = "tiny", MaxSteps = 2, Threads = 1, Device = "cpu" })).Fit(SmallCorpus.Load(_ml));

        Assert.True(float.IsFinite(TinyClm.Read(_ml, fitted, Known)[0].Score));
        Assert.Contains("\"eos_token_id\": 1", fitted.LastTransformer.Model.Config.ToJson().ToJsonString(new() { WriteIndented = true }), StringComparison.Ordinal);
        fitted.LastTransformer.Dispose();
    }

    private static string ScoreInChild(string path)
    {
        var ml = new MLContext();
        using var model = (TransformerChain<ITransformer>)ml.Model.Load(path, out _);
        var row = TinyClm.Read(ml, model, Known)[0];
        var last = (TextGenerationTransformer)model.LastTransformer;
        return FormattableString.Invariant($"{row.Score:R} {row.Perplexity:R} {row.Text} {last.History.Count} {last.Evaluation}");
    }
}
