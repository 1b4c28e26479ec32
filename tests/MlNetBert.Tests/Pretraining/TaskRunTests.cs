using System.Text.Json.Nodes;
using Microsoft.ML;
using MlNetBert.Conversion;
using MlNetBert.Evaluation;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Tests.Pretraining;

/// <summary>What runs, evaluations and conversions do with objectives that are not masked words alone.</summary>
public sealed class TaskRunTests : IDisposable
{
    private static readonly PretrainingEvaluationOptions Short = new() { BlockLength = Tiny.BlockLength };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Run_PartsThatShareTheNetworksWeights_KeepsTheNetworkAndDisposesOfTheRest()
    {
        var task = new PartsTask();
        using var result = Corpus(task).Run(cancellationToken: TestContext.Current.CancellationToken);

        Assert.NotNull(result.Training.Evaluation);
        Assert.Equal((2, 2), (task.Made, task.DisposedOf));
        Assert.All(task.Trained!.parameters(), parameter => Assert.True(parameter.IsInvalid));
        Assert.All(result.Model.Network.parameters(), parameter => Assert.False(parameter.IsInvalid));
        Assert.True(new PretrainingEvaluator(result.Model, Short, PretrainingTask.Default).Evaluate(SmallCorpus.Sentences, TestContext.Current.CancellationToken).TargetCount > 0);
    }

    [Fact]
    public void Run_ObjectiveThatDoesNotSaveItsOtherParts_IsRefusedBeforeTraining()
    {
        var task = new PartsTask(savesAll: false);

        var exception = Assert.Throws<NotSupportedException>(() => Corpus(task).Run(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("CreateState", exception.Message, StringComparison.Ordinal);
        var checkpoints = Path.Combine(_directory.File("run"), "checkpoints");
        Assert.False(Directory.Exists(checkpoints) && Directory.EnumerateDirectories(checkpoints, "step-*").Any());
    }

    [Fact]
    public void Estimate_OfAModelWithParts_CountsThemInCheckpointsAlone()
    {
        var task = new PartsTask();
        var parts = Corpus(task).Estimate(cancellationToken: TestContext.Current.CancellationToken);
        var plain = Corpus(PretrainingTask.Default, "plain").Estimate(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(plain.ParameterCount, parts.ParameterCount);
        // 17 numbers of 4 bytes, each with two moments, in two checkpoints and those that are being written and removed.
        Assert.Equal(0, (parts.DiskBytes - plain.DiskBytes) % (17 * 4 * 3));
        Assert.InRange(parts.DiskBytes - plain.DiskBytes, 17 * 4 * 3, 17 * 4 * 3 * 10);
        // The objective that is trained, and that of the held-out blocks, which is counted alone.
        Assert.Equal((2, 2), (task.Made, task.DisposedOf));
    }

    [Fact]
    public void Evaluate_ByAnObjectiveThatHoldsSomething_DisposesOfIt()
    {
        var task = new PartsTask();
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);

        new PretrainingEvaluator(model, Short, task).Evaluate(SmallCorpus.Sentences, TestContext.Current.CancellationToken);

        Assert.Equal((1, 1), (task.Made, task.DisposedOf));
    }

    [Fact]
    public void Fit_WhereNoTransformerComesOfIt_DisposesOfTheModel()
    {
        var ml = new MLContext(seed: 1);
        var estimator = new FailingEstimator(ml);

        Assert.Throws<NotSupportedException>(() => Tiny.Tokens(ml).Append(Tiny.Group(ml)).Append(estimator).Fit(SmallCorpus.Load(ml)));

        Assert.Throws<ObjectDisposedException>(() => estimator.Model!.Network);
    }

    [Fact]
    public void AddHeadsTo_AnEncoder_GivesItWithoutTheHeadOfBefore()
    {
        using var start = PretrainedModel.FromTransformer(Tiny.Fitted);
        using var encoder = ModelArchitecture.Of(start.Config).Create(ModelHead.Encoder, start.Config, seed: 1);
        var blocks = new BlockArray(4, start.Tokenizer.Vocabulary.Count);
        blocks.Add([2, 5, 6, 3]);
        var options = new PartsTask(head: ModelHead.Encoder).CreateOptions();

        Assert.Same(encoder, start.Shared.AddHeadsTo(encoder));
        Assert.Contains("its head is not kept", Assert.Single(new PretrainingRun(start.Tokenizer, blocks, null, start, options).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void In_TheConfigurationOfAnObjective_RecordsItUntilMaskedWordsAreTrained()
    {
        Assert.Same(Tiny.Config, RecordedObjective.In(Tiny.Config, PretrainingTask.Default));

        var recorded = RecordedObjective.In(Tiny.Config, TwinTask.Instance);
        Assert.Equal("twins", (string?)recorded.ToJson()[RecordedObjective.Key]);
        Assert.Same(recorded, RecordedObjective.In(recorded, TwinTask.Instance));
        var again = RecordedObjective.In(recorded, PretrainingTask.Default).ToJson();
        Assert.True(JsonNode.DeepEquals(Tiny.Config.ToJson(), again), again.ToJsonString());
    }

    [Fact]
    public void TaskOf_AModelOfAnUnknownObjective_IsSaidAndNotGuessed()
    {
        var path = Checkpoint.Of(_directory);
        Checkpoint.EditConfig(path, config => config.Add(RecordedObjective.Key, "of another program"));
        using var source = ModelSource.Resolve(path);
        using var model = source.Open(cancellationToken: TestContext.Current.CancellationToken);

        var refused = Assert.Throws<InvalidOperationException>(() => new PretrainingEvaluator(model, Short));
        var converted = ModelConversion.Convert(source, _directory.File("model.zip"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains("'of another program'", refused.Message, StringComparison.Ordinal);
        Assert.Same(PretrainingTask.Default, new PretrainingEvaluator(model, Short, PretrainingTask.Default).Task);
        Assert.Null(converted.Objective);
        Assert.Contains("'of another program'", Assert.Single(converted.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void MaskedWords_WithATokenizerWithoutAMask_AreNotServedAndRefusedBeforeTextsAreTokenized()
    {
        using var model = WithoutMask();
        var corpus = Corpus(PretrainingTask.Default, start: model);

        Assert.False(PretrainingTask.Default.Serves(model));
        var exception = Assert.Throws<InvalidOperationException>(() => corpus.Run(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("mask_token", exception.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_directory.File("run"), "data", "training.tokens")));
    }

    private static PretrainedModel WithoutMask()
    {
        using var trained = PretrainedModel.FromTransformer(Tiny.Fitted);
        var tokenizer = SubwordTokenizer.FromVocabulary(
            trained.Tokenizer.Vocabulary.Select(piece => piece == "[MASK]" ? "mask" : piece), new WordPieceTokenizerOptions { MaskToken = null });
        return new PretrainedModel(new SharedModel(ModelArchitecture.CopyOf(trained.Network), tokenizer, "without a mask"));
    }

    private CorpusPretraining Corpus(PretrainingTask task, string name = "run", PretrainedModel? start = null)
    {
        var text = _directory.File("text.txt");
        File.WriteAllLines(text, SmallCorpus.Sentences);
        return new CorpusPretraining(new CorpusPretrainingOptions
        {
            TrainingFiles = [text],
            Vocabulary = start is null ? new WordPieceTokenizingOptions { VocabularySize = 120 } : null,
            Blocks = new BlockOptions { BlockLength = Tiny.BlockLength },
            BaseModel = start,
            OutputDirectory = _directory.File(name),
            Training = task.CreateOptions() with
            {
                Architecture = start is null ? "bert" : null,
                Size = start is null ? "tiny" : null,
                MaxSteps = 2,
                BatchSize = 4,
                Device = "cpu",
                EvaluationFraction = 0.2,
            },
        });
    }

    private sealed class FailingEstimator(MLContext ml) : PretrainingEstimator<ITransformer>(ml, "Prediction", "Tokens", Tiny.Options())
    {
        public PretrainedModel? Model { get; private set; }

        protected override IEnumerable<SchemaShape.Column> Outputs => [];

        protected override ITransformer CreateTransformer(PretrainingResult result, IDataView input)
        {
            Model = result.Model;
            throw new NotSupportedException();
        }
    }
}
