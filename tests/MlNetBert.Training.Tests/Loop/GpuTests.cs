using MlNetBert.Models;
using MlNetBert.Models.Kernels;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Loop;

/// <summary>What only a GPU can show; skipped, with a message, where libtorch sees none. A GPU adds in an order of its own, so figures are compared within a tolerance.</summary>
[Collection(nameof(GpuTests))]
[CollectionDefinition(nameof(GpuTests), DisableParallelization = true)]
public sealed class GpuTests : IDisposable
{
    private const int Words = 200;
    private const int Length = 32;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("bert", ComputePrecision.Float32, 1e-4)]
    [InlineData("modernbert", ComputePrecision.Float32, 1e-4)]
    [InlineData("mpnet", ComputePrecision.Float32, 1e-4)]
    [InlineData("deberta-v2", ComputePrecision.Float32, 1e-4)]
    [InlineData("bert", ComputePrecision.BFloat16, 0.06)]
    [InlineData("modernbert", ComputePrecision.BFloat16, 0.06)]
    [InlineData("mpnet", ComputePrecision.BFloat16, 0.06)]
    [InlineData("deberta-v2", ComputePrecision.BFloat16, 0.06)]
    [InlineData("roberta", ComputePrecision.Float32, 1e-4)]
    [InlineData("distilbert", ComputePrecision.Float32, 1e-4)]
    [InlineData("electra", ComputePrecision.Float32, 1e-4)]
    [InlineData("albert", ComputePrecision.Float32, 1e-4)]
    [InlineData("roberta", ComputePrecision.BFloat16, 0.06)]
    [InlineData("distilbert", ComputePrecision.BFloat16, 0.06)]
    [InlineData("electra", ComputePrecision.BFloat16, 0.06)]
    [InlineData("albert", ComputePrecision.BFloat16, 0.06)]
    public void Forward_PaddedBatch_GivesWhatTheProcessorGives(string architecture, ComputePrecision precision, double tolerance)
    {
        SkipWithoutGpu();
        backends.cuda.matmul.allow_tf32 = false;
        using var scope = NewDisposeScope();
        using var near = Model(architecture, dropout: false);
        using var far = Model(architecture, dropout: false);
        far.MoveTo(CUDA);
        far.Precision = precision;
        near.eval();
        far.eval();
        using var guard = no_grad();
        var ids = randint(TinyMlm.FirstWord, Words, [4, Length], ScalarType.Int64);
        var lengths = tensor(new long[] { Length, 20, 9, 1 }).unsqueeze(1);
        var mask = arange(Length).unsqueeze(0).lt(lengths).to(ScalarType.Int64); // [4, sequence]

        var expected = near.Backbone.forward(new(ids, mask)).LastHiddenState;
        var found = far.Backbone.forward(new(ids.cuda(), mask.cuda())).LastHiddenState.cpu();

        var counted = mask.unsqueeze(-1);
        Assert.InRange((expected - found).abs().mul(counted).max().item<float>(), 0, tolerance);
        var (logits, farLogits) = (near.Head.Logits(expected), far.Head.Logits(expected.cuda()).cpu());
        Assert.InRange((logits - farLogits).abs().max().item<float>(), 0, tolerance);
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("modernbert")]
    [InlineData("mpnet")]
    [InlineData("deberta-v2")]
    [InlineData("roberta")]
    [InlineData("distilbert")]
    [InlineData("electra")]
    [InlineData("albert")]
    public void Run_WithoutDropout_LearnsWhatTheProcessorLearns(string architecture)
    {
        SkipWithoutGpu();

        var near = Losses(Train(architecture, CPU, dropout: false));
        var far = Losses(Train(architecture, CUDA, dropout: false));

        Assert.Equal(near.Length, far.Length);
        Assert.All(near.Zip(far), pair => Assert.Equal(pair.First, pair.Second, 0.02));
        Assert.True(far[^1] < far[0], $"expected a falling loss, found {far[0]} and at the end {far[^1]}");
    }

    [Fact]
    public void Run_SameSeed_GivesTheSameLosses()
    {
        SkipWithoutGpu();

        var first = Losses(Train("bert", CUDA, dropout: true));
        var again = Losses(Train("bert", CUDA, dropout: true));
        var other = Losses(Train("bert", CUDA, dropout: true, seed: 8));

        Assert.All(first.Zip(again), pair => Assert.Equal(pair.First, pair.Second, 5e-3));
        Assert.NotEqual(first[0], other[0]);
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("modernbert")]
    [InlineData("mpnet")]
    [InlineData("deberta-v2")]
    [InlineData("roberta")]
    [InlineData("distilbert")]
    [InlineData("electra")]
    [InlineData("albert")]
    public void Run_BFloat16_LearnsAsFloat32Does(string architecture)
    {
        SkipWithoutGpu();

        var wide = Losses(Train(architecture, CUDA, dropout: false));
        var narrow = Losses(Train(architecture, CUDA, dropout: false, precision: ComputePrecision.BFloat16));

        Assert.All(wide.Zip(narrow), pair => Assert.Equal(pair.First, pair.Second, 0.05));
    }

    [Fact]
    public void Run_ActivationCheckpointing_GivesTheLossesOfPlainSteps()
    {
        SkipWithoutGpu();

        var plain = Losses(Train("bert", CUDA, dropout: false));
        var checkpointed = Losses(Train("bert", CUDA, dropout: false, activationCheckpointing: true));

        Assert.All(plain.Zip(checkpointed), pair => Assert.Equal(pair.First, pair.Second, 5e-3));
    }

    [Fact]
    public void Run_ActivationCheckpointingWithDropout_DrawsTheSameMasksOnTheWayBack()
    {
        SkipWithoutGpu();
        backends.cuda.matmul.allow_tf32 = false; // differences of losses want all their digits, and runs before leave it allowed
        using var scope = NewDisposeScope();
        using var model = Model("bert", dropout: true);
        model.MoveTo(CUDA);
        model.train();
        model.ActivationCheckpointing = true;
        using var generator = new Generator(3);
        var ids = randint(TinyMlm.FirstWord, Words, [4, Length], ScalarType.Int64, generator: generator).cuda();
        var parameter = model.parameters().MaxBy(p => p.numel())!;

        // Along its gradient a loss changes by the gradient's square; with other masks on the way back it would not. Each loss is one with a graph: a pass without one draws masks of its own.
        double Loss()
        {
            var value = Plain().ToDouble();
            model.ForgetPasses();
            return value;
        }

        Tensor Plain()
        {
            model.SeedDropout(5);
            return MaskedLanguageModel.Loss(model.forward(ids), ids);
        }

        void Go(Tensor distance)
        {
            using var guard = no_grad();
            parameter.add_(distance);
        }

        var loss = Plain();
        model.Backward(loss);
        var direction = parameter.grad!;
        var expected = direction.square().sum().ToDouble();
        const double Step = 1e-2;
        Go(direction * Step);
        var above = Loss();
        Go(direction * (-2 * Step));
        var below = Loss();

        Assert.Equal(expected, (above - below) / (2 * Step), 0.05 * expected);
    }

    [Fact]
    public void Run_InterruptedAndResumed_EndsWhereTheWholeRunEnds()
    {
        SkipWithoutGpu();
        var whole = Train("bert", CUDA, dropout: true);

        Train("bert", CUDA, dropout: true, checkpoints: true, stopAfter: 10);
        var resumed = Train("bert", CUDA, dropout: true, checkpoints: true);

        Assert.Equal(Losses(whole)[^1], Losses(resumed)[^1], 5e-3);
        Assert.Equal(whole.History.LastEvaluation!.EvaluationLoss!.Value, resumed.History.LastEvaluation!.EvaluationLoss!.Value, 5e-3);
    }

    [Fact]
    public void Run_MoreThanTheCardHolds_HalvesTheMicroBatch()
    {
        SkipWithoutGpu();
        using var warm = ones(64, 64, device: CUDA).matmul(ones(64, 64, device: CUDA)); // the libraries' own memory is taken now
        var (used, total) = GpuMemory.Read(CUDA)!;
        // Leaves half a gigabyte beside what the process has taken already; the batches below need more. Once for all models, because libtorch keeps what it was given.
        using var ballast = empty(total - used - 500_000_000, ScalarType.Byte, CUDA);
        foreach (var (architecture, precision) in new[] { ("bert", ComputePrecision.Float32), ("bert", ComputePrecision.BFloat16), ("modernbert", ComputePrecision.BFloat16) })
        {
            using var model = Model(architecture, dropout: architecture == "bert");
            model.MoveTo(CUDA);
            model.Precision = precision;
            var recorder = new Recorder();
            var options = new TestOptions { MaxSteps = 2, BatchSize = 8192, LogEveryNSteps = 1, Progress = recorder };

            var result = TestRun.Loop(new MlmObjective(model, TinyMlm.Blocks(8192, Length, Words), TinyMlm.Masking(Words)), null, options, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

            Assert.Equal(2, result.StepCount);
            Assert.Contains(recorder.Events, e => e.Kind == TrainingProgressKind.Warning && e.Message!.Contains("does not hold a micro-batch", StringComparison.Ordinal));
            Assert.All(recorder.Logs, log => Assert.True(double.IsFinite(log.Loss!.Value)));
        }
    }

    [Theory]
    [InlineData("modernbert", ComputePrecision.Float32)]
    [InlineData("mpnet", ComputePrecision.Float32)]
    [InlineData("deberta-v2", ComputePrecision.Float32)]
    [InlineData("bert", ComputePrecision.BFloat16)]
    public void Run_Ended_LeavesNoTensor(string architecture, ComputePrecision precision)
    {
        SkipWithoutGpu();
        Train(architecture, CUDA, dropout: true, precision: precision);
        var before = LiveTensors.CountSettled();

        Train(architecture, CUDA, dropout: true, precision: precision);

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void MoveTo_TheCardAndBack_KeepsTheWeightsAndTheParameters()
    {
        SkipWithoutGpu();
        using var model = Model("bert", dropout: false);
        var (parameters, weights) = (model.parameters().Select(p => p.Handle).ToList(), TinyMlm.Weights(model));
        var before = LiveTensors.CountSettled();

        model.MoveTo(CUDA);
        Assert.All(model.parameters(), parameter => Assert.Equal(DeviceType.CUDA, parameter.device_type));
        model.MoveTo(CPU);

        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(parameters, model.parameters().Select(p => p.Handle));
        Assert.Equal(0, TinyMlm.Distance(weights, TinyMlm.Weights(model)));
    }

    private static void SkipWithoutGpu() => Assert.SkipUnless(cuda.is_available(), "libtorch sees no GPU here: on a machine with one, set LIBTORCH to a libtorch built for CUDA");

    private static MaskedLanguageModel Model(string architecture, bool dropout)
    {
        var created = ModelArchitecture.Get(architecture).CreateConfig(ModelSize.Tiny, Words + TinyMlm.FirstWord, Length, new ModelTokenIds(0, 2, 3));
        ModelConfig config = created switch
        {
            Models.ModernBert.ModernBertConfig modern when dropout => modern with { AttentionDropout = 0.1, FeedForwardDropout = 0.1, EmbeddingDropout = 0.1 },
            _ => dropout ? created : created.WithDropout(0),
        };
        return (MaskedLanguageModel)ModelArchitecture.Get(architecture).Create(ModelHead.MaskedLanguageModel, config, 3);
    }

    private TrainingResult Train(
        string architecture,
        Device device,
        bool dropout,
        ComputePrecision precision = ComputePrecision.Float32,
        bool activationCheckpointing = false,
        bool checkpoints = false,
        int? stopAfter = null,
        int seed = 7)
    {
        using var model = Model(architecture, dropout);
        model.MoveTo(device);
        model.Precision = precision;
        model.ActivationCheckpointing = activationCheckpointing;
        using var source = new CancellationTokenSource();
        var options = new TestOptions
        {
            MaxSteps = 40,
            BatchSize = 16,
            LearningRate = 1e-3,
            LogEveryNSteps = 5,
            EvaluateEveryNSteps = 20,
            SaveEveryNSteps = checkpoints ? 10 : null,
            Seed = seed,
            CancellationToken = source.Token,
            CancellationBehavior = CancellationBehavior.ReturnPartialModel,
            Progress = new Recorder(e =>
            {
                if (e.Kind == TrainingProgressKind.Log && e.Step >= stopAfter)
                    source.Cancel();
            }),
        };
        var kept = checkpoints ? new TrainingCheckpoints(new CheckpointStore(_directory.Path), new PretrainedModelState(model, TinyMlm.Tokenizer(Words))) : null;
        var masking = TinyMlm.Masking(Words);
        var evaluation = TinyMlm.Evaluation(model, TinyMlm.Blocks(8, Length, Words), 8, masking);
        return TestRun.Loop(new MlmObjective(model, TinyMlm.Blocks(64, Length, Words, padded: 9), masking), evaluation, options, TestRun.Defaults, new RunDescription([new("data", "chance")]), kept).Run(TestContext.Current.CancellationToken);
    }

    private static double[] Losses(TrainingResult result) => [.. result.History.Select(row => row.TrainingLoss).OfType<double>()];
}
