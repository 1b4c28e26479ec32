using System.CommandLine;
using MlNetBert.Pretraining;

namespace MlNetBert.Cli.Parsing;

/// <summary>How a run trains, with the names of <see cref="TrainingOptions"/>.</summary>
internal sealed class TrainingArguments
{
    private readonly Option<int?> _epochs =
        new Option<int?>("--epochs") { Description = "Passes over the data. Default: 3.", HelpName = "N" }.AtLeast(1);
    private readonly Option<long?> _maxSteps =
        new Option<long?>("--max-steps") { Description = "Steps of the run, instead of --epochs.", HelpName = "N" }.AtLeast(1);
    private readonly Option<string?> _timeBudget = new Option<string?>("--time-budget")
    {
        Description = "A time budget, such as 90s, 30m or 8h: the schedule follows the clock.",
        HelpName = "TIME",
    }.Formerly("--max-time");
    private readonly Option<int?> _batchSize =
        Inputs.BatchSize("Blocks per step. Default: "
            + $"{PretrainingRun.DefaultBatchSize(fromCheckpoint: false)} from scratch, "
            + $"{PretrainingRun.DefaultBatchSize(fromCheckpoint: true)} from a checkpoint.");
    private readonly MicroBatchArguments _microBatch =
        new("Blocks that go through the model at once. Default: chosen to fit, and on a CPU half a batch for large models.");
    private readonly Option<bool> _activationCheckpointing = Inputs.ActivationCheckpointing();
    private readonly Option<double?> _learningRate = new("--learning-rate")
    {
        Description = "Peak learning rate. Default: by architecture from scratch, 5e-5 from a checkpoint.",
        HelpName = "VALUE",
    };
    private readonly Option<string?> _schedule = new Option<string?>("--learning-rate-schedule")
    {
        Description = "How the learning rate falls.",
        DefaultValueFactory = _ => "linear",
    }.OneOf([.. Schedules.Keys], EarlierSchedules.Keys.ToArray()).Formerly("--schedule");
    private readonly Option<double?> _warmupRatio = new("--warmup-ratio")
    {
        Description = "Fraction of the run over which the learning rate rises. Default: 0.1 from scratch, 0 from a checkpoint.",
        HelpName = "VALUE",
    };
    private readonly Option<int?> _warmupSteps = new Option<int?>("--warmup-steps")
    {
        Description = "Steps over which the learning rate rises, instead of --warmup-ratio.",
        HelpName = "N",
    }.AtLeast(0);
    private readonly EarlierOption<double?> _warmup;
    private readonly Option<double?> _weightDecay =
        new("--weight-decay") { Description = "Decoupled weight decay of matrices. Default: 0.01.", HelpName = "VALUE" };
    private readonly Option<double?> _clipNorm =
        new Option<double?>("--clip-norm") { Description = "Largest gradient norm; 0 does not clip. Default: 1.", HelpName = "VALUE" }
            .Formerly("--clip");
    private readonly Option<string?> _precision = Inputs.Precision("auto");
    private readonly Option<string?> _device =
        new("--device") { Description = "auto, cpu, cuda or cuda:N. Default: auto.", HelpName = "NAME" };
    private readonly Option<int?> _logEvery =
        Steps("--log-every-n-steps", "Steps between log lines. Default: 50.", "--log-every");
    private readonly Option<int?> _evaluateEvery =
        Steps("--eval-every-n-steps", "Steps between evaluations. Default: each epoch.", "--eval-every");
    private readonly Option<int?> _saveEvery =
        Steps("--save-every-n-steps", "Steps between checkpoints. Default: each epoch.", "--save-every");
    private readonly Option<int?> _maxCheckpoints =
        new Option<int?>("--max-checkpoints") { Description = "Checkpoints that are kept. Default: 2.", HelpName = "N" }
            .AtLeast(1).Formerly("--keep");
    private readonly Option<bool> _restoreBestWeights =
        new Option<bool>("--restore-best-weights") { Description = "Return the weights of the best evaluation instead of the last." }
            .Formerly("--keep-best");
    private readonly Option<int?> _patience =
        new Option<int?>("--patience") { Description = "Stop after N evaluations without improvement.", HelpName = "N" }.AtLeast(1);
    private readonly Option<bool> _allowChanges = new Option<bool>("--allow-changes-on-resume")
    {
        Description = "Resume even if data or settings changed.",
    }.Formerly("--accept-changes");
    private readonly Option<int?> _maxNonFiniteSteps = new Option<int?>("--max-non-finite-steps")
    {
        Description = "Number of steps with a non-finite loss to skip before stopping. Default: 0.",
        HelpName = "N",
    }.AtLeast(0).Formerly("--max-skipped-steps");
    private readonly Option<int?> _seed =
        new("--seed") { Description = "Seed of weights, order, masks and dropout. Default: 42.", HelpName = "N" };
    private readonly Option<int?> _threads = new Option<int?>("--threads")
    {
        Description = "Threads of libtorch. Default: one per core, or fewer where cores are busy with other work, which is measured and "
            + "reported; with --resume, those of the run so far.",
        HelpName = "N",
    }.AtLeast(1);

    public TrainingArguments() => _warmup = new EarlierOption<double?>("--warmup", _warmupRatio, _warmupSteps);

    /// <summary>How long a run is, by epochs.</summary>
    public Option Epochs => _epochs;

    /// <summary>How long a run is, by the clock.</summary>
    public Option TimeBudget => _timeBudget;

    /// <summary>The options.</summary>
    public Option[] All =>
    [
        _epochs, _maxSteps, _timeBudget, _batchSize, .. _microBatch.All, _activationCheckpointing, _learningRate, _schedule, _warmupRatio,
        _warmupSteps, _warmup, _weightDecay, _clipNorm, _precision, _device, _logEvery, _evaluateEvery, _saveEvery,
        _maxCheckpoints, _restoreBestWeights, _patience, _allowChanges, _maxNonFiniteSteps, _seed, _threads,
    ];

    private static IReadOnlyDictionary<string, LearningRateSchedule> Schedules { get; } =
        new Dictionary<string, LearningRateSchedule>(StringComparer.Ordinal)
        {
            ["linear"] = LearningRateSchedule.Linear,
            ["cosine"] = LearningRateSchedule.Cosine,
            ["constant"] = LearningRateSchedule.Constant,
            ["triangular"] = LearningRateSchedule.Triangular,
            ["inverse-square-root"] = LearningRateSchedule.InverseSquareRoot,
        };

    private static IReadOnlyDictionary<string, string> EarlierSchedules { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["one-cycle"] = "triangular",
            ["inverse-sqrt"] = "inverse-square-root",
        };

    /// <summary>Refuses a time budget that is none.</summary>
    public void Check(System.CommandLine.Parsing.CommandResult result)
    {
        if (result.GetResult(_timeBudget) is { Tokens: [var token] } && !Duration.TryParse(token.Value, out _))
            result.AddError($"{_timeBudget.Name} must be a time such as 90s, 30m, 8h or 1.5d, but is '{token.Value}'.");
    }

    /// <summary>How the run trains.</summary>
    /// <param name="options">The objective's options.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="fromCheckpoint">Whether it starts from a model.</param>
    public PretrainingOptions With(PretrainingOptions options, ParseResult arguments, bool fromCheckpoint)
    {
        var schedule = arguments.GetValue(_schedule)!;
        var warmup = arguments.GetValue(_warmup);
        return options with
        {
            Epochs = arguments.GetValue(_epochs) ?? options.Epochs,
            MaxSteps = arguments.GetValue(_maxSteps),
            TimeBudget = arguments.GetValue(_timeBudget) is { } time && Duration.TryParse(time, out var budget) ? budget : null,
            BatchSize = arguments.GetValue(_batchSize),
            MicroBatchSize =
                _microBatch.Of(arguments, arguments.GetValue(_batchSize) ?? PretrainingRun.DefaultBatchSize(fromCheckpoint)),
            ActivationCheckpointing = arguments.GetValue(_activationCheckpointing),
            LearningRate = arguments.GetValue(_learningRate),
            LearningRateSchedule = Schedules[EarlierSchedules.GetValueOrDefault(schedule, schedule)],
            WarmupRatio = warmup < 1 ? warmup : arguments.GetValue(_warmupRatio),
            WarmupSteps = warmup >= 1 ? (int)Math.Min(int.MaxValue, warmup.Value) : arguments.GetValue(_warmupSteps),
            WeightDecay = arguments.GetValue(_weightDecay) ?? options.WeightDecay,
            ClipNorm = arguments.GetValue(_clipNorm) ?? options.ClipNorm,
            Precision = Inputs.ToPrecision(arguments.GetValue(_precision)!),
            Device = arguments.GetValue(_device) ?? options.Device,
            LogEveryNSteps = arguments.GetValue(_logEvery) ?? options.LogEveryNSteps,
            EvaluateEveryNSteps = arguments.GetValue(_evaluateEvery),
            SaveEveryNSteps = arguments.GetValue(_saveEvery),
            MaxCheckpoints = arguments.GetValue(_maxCheckpoints) ?? options.MaxCheckpoints,
            RestoreBestWeights = arguments.GetValue(_restoreBestWeights),
            Patience = arguments.GetValue(_patience),
            AllowChangesOnResume = arguments.GetValue(_allowChanges),
            MaxNonFiniteSteps = arguments.GetValue(_maxNonFiniteSteps) ?? options.MaxNonFiniteSteps,
            Seed = arguments.GetValue(_seed) ?? 42,
            Threads = arguments.GetValue(_threads),
        };
    }

    private static Option<int?> Steps(string name, string description, string earlier) =>
        new Option<int?>(name) { Description = description, HelpName = "N" }.AtLeast(1).Formerly(earlier);
}
