using MlNetBert.Models;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Mlm;

namespace MlNetBert.Training.Tests.Support;

/// <summary>A run of the smallest model with everything that a resumed run could get wrong: dropout, accumulation, a short last batch, evaluations.</summary>
internal sealed record MlmRun(string Directory)
{
    public const int Steps = 24;

    public TestOptions Options { get; init; } = new()
    {
        MaxSteps = Steps,
        BatchSize = 8,
        MicroBatchSize = 3,
        LearningRate = 3e-3,
        WarmupRatio = 0.1,
        LogEveryNSteps = 2,
        SaveEveryNSteps = 4,
        EvaluateEveryNSteps = 3,
        RestoreBestWeights = true,
        Patience = 100,
    };

    public ComputePrecision Precision { get; init; } = ComputePrecision.Float32;

    /// <summary>Wraps the model's part of the checkpoints.</summary>
    public Func<IModelState, IModelState> Wrap { get; init; } = state => state;

    /// <summary>Wraps the objective.</summary>
    public Func<Objective, Objective> Objective { get; init; } = objective => objective;

    public string Data { get; init; } = "blocks of chance";

    /// <summary>Threads as the run is described; it computes with one.</summary>
    public string Threads { get; init; } = "1";

    public int Hidden { get; init; } = 16;

    public CheckpointStore Store => new(Directory);

    /// <summary>Trains, from the newest checkpoint where there is one.</summary>
    public (Dictionary<string, float[]> Weights, TrainingResult Result) Run()
    {
        using var threads = new ThreadCount(1);
        using var model = TinyMlm.Model(dropout: 0.2, hidden: Hidden);
        model.Precision = Precision;
        var evaluation = TinyMlm.Evaluation(model, TinyMlm.Blocks(5), 2);
        var checkpoints = new TrainingCheckpoints(Store, Wrap(new PretrainedModelState(model, TinyMlm.Tokenizer())));
        var loop = TestRun.Loop(
            Objective(new MlmObjective(model, TinyMlm.Blocks(20, padded: 7), TinyMlm.Masking())), evaluation, Options, TestRun.Defaults, new RunDescription([new("data", Data), new("threads", Threads)]), checkpoints);
        var result = loop.Run();
        return (TinyMlm.Weights(model), result);
    }

    /// <summary>The run with another listener.</summary>
    public MlmRun Reporting(IProgress<TrainingProgress> progress) => this with { Options = Options with { Progress = progress } };

    /// <summary>Trains until the step is logged, then is cancelled.</summary>
    public void RunUntil(long step)
    {
        using var source = new CancellationTokenSource();
        var stopping = this with
        {
            Options = Options with
            {
                LogEveryNSteps = 1,
                CancellationToken = source.Token,
                Progress = new Recorder(e =>
                {
                    if (e.Kind == TrainingProgressKind.Log && e.Step >= step)
                        source.Cancel();
                }),
            },
        };
        Assert.Throws<OperationCanceledException>(() => stopping.Run());
    }
}
