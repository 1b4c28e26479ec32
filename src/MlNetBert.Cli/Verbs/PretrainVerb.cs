using System.CommandLine;
using System.Globalization;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Models;
using MlNetBert.Plotting;
using MlNetBert.Pretraining;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Metrics;

namespace MlNetBert.Cli.Verbs;

/// <summary>Pretrains a masked language model, from nothing or from a checkpoint.</summary>
internal sealed class PretrainVerb : Verb
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "What to train on: .txt, .tsv, .csv, .jsonl, or a directory of them; may be given several times.",
        HelpName = "F",
        Required = true,
    };
    private readonly Option<string[]> _evaluationData =
        new("--eval-data") { Description = "What to evaluate on, in the same formats.", HelpName = "F" };
    private readonly Option<double> _evaluationShare = new Option<double>("--eval-share")
    {
        Description = "Share of the blocks held out for evaluation, where there is no --eval-data. Default: 0.",
        HelpName = "SHARE",
    }.WithPoint();
    private readonly ReadingOptions _reading = new();
    private readonly Option<string?> _vocabulary =
        new("--vocabulary") { Description = "A vocabulary file: a piece a line, or a tokenizer.json.", HelpName = "F" };
    private readonly Option<int?> _vocabularySize = new Option<int?>("--vocabulary-size")
    {
        Description = "Pieces of a vocabulary that is learnt from the data. Default: 8000.",
        HelpName = "N",
    }.AtLeast(100);
    private readonly Option<int?> _alphabetLimit = Inputs.AlphabetLimit();
    private readonly CaseOptions _case = new("", learns: true);
    private readonly Option<string?> _from = new("--from")
    {
        Description = "The model to start from: a Hugging Face directory, an ML.NET zip, or an id of the hub.",
        HelpName = "MODEL",
    };
    private readonly Option<string> _revision = Inputs.Revision();
    private readonly Opening _opening = new(trains: true);
    private readonly Option<string?> _architecture = new Option<string?>("--architecture")
    {
        Description = "Architecture of a new model. Default: " + MlmOptions.DefaultArchitecture + ".",
    }.OneOf([.. ModelArchitecture.All.Select(a => a.ModelType)]);
    private readonly Option<string?> _size = new Option<string?>("--size")
    {
        Description = "Size of a new model. Default: " + MlmOptions.DefaultSize + ".",
    }.OneOf([.. ModelSize.All.Select(s => s.Name)]);
    private readonly Option<string?> _config =
        new("--config") { Description = "A config.json for a new model, instead of --size and --architecture.", HelpName = "F" };
    private readonly Option<string> _output = new("--output")
    {
        Description = "The directory of the run: the model at the end, checkpoints, metrics.",
        HelpName = "DIR",
        Required = true,
    };
    private readonly Option<int?> _epochs =
        new Option<int?>("--epochs") { Description = "Passes over the data. Default: 3.", HelpName = "N" }.AtLeast(1);
    private readonly Option<long?> _maxSteps =
        new Option<long?>("--max-steps") { Description = "Steps of the run, instead of --epochs.", HelpName = "N" }.AtLeast(1);
    private readonly Option<string?> _maxTime =
        new("--max-time") { Description = "A time budget, such as 90s, 30m or 8h: the schedule follows the clock.", HelpName = "TIME" };
    private readonly Option<int?> _block =
        new Option<int?>("--block") { Description = "Tokens of a block. Default: 128.", HelpName = "N" }.AtLeast(1);
    private readonly Option<string?> _join = new Option<string?>("--join")
    {
        Description = "How documents become blocks: each wrapped and the stream cut, every block wrapped, or documents kept apart.",
        DefaultValueFactory = _ => "wrap-documents",
    }.OneOf("wrap-documents", "wrap-blocks", "keep-apart");
    private readonly Option<bool> _keepRemainder =
        new("--keep-remainder") { Description = "Keep the last tokens that fill no block; not with --join keep-apart, which keeps them." };
    private readonly Option<int?> _batch = new Option<int?>("--batch")
    {
        Description = "Blocks of a step. Default: 32 from scratch, 16 from a checkpoint.",
        HelpName = "N",
    }.AtLeast(1);
    private readonly Option<int?> _accumulate = new Option<int?>("--accumulate")
    {
        Description = "Parts that a step is computed in, to save memory. Default: chosen to fit, and on a processor 2 for large models.",
        HelpName = "N",
    }.AtLeast(1);
    private readonly Option<bool> _activationCheckpointing = Inputs.ActivationCheckpointing();
    private readonly Option<double?> _learningRate = new Option<double?>("--learning-rate")
    {
        Description = "Peak learning rate. Default: by architecture from scratch, 5e-5 from a checkpoint.",
        HelpName = "RATE",
    }.WithPoint();
    private readonly Option<string?> _schedule = new Option<string?>("--schedule")
    {
        Description = "How the learning rate goes down.",
        DefaultValueFactory = _ => "linear",
    }.OneOf([.. Schedules.Keys]);
    private readonly Option<double?> _warmup = new Option<double?>("--warmup")
    {
        Description = "Warm-up: a share below 1, else steps. Default: 0.1 from scratch, 0 from a checkpoint.",
        HelpName = "N",
    }.WithPoint();
    private readonly Option<double?> _weightDecay = new Option<double?>("--weight-decay")
    {
        Description = "Decoupled weight decay of matrices. Default: 0.01.",
        HelpName = "X",
    }.WithPoint();
    private readonly Option<double?> _clip =
        new Option<double?>("--clip") { Description = "Largest gradient norm; 0 does not clip. Default: 1.", HelpName = "X" }.WithPoint();
    private readonly Option<double?> _maskProbability = new Option<double?>("--mask-probability")
    {
        Description = "Share of the tokens that are masked. Default: 0.15.",
        HelpName = "SHARE",
    }.WithPoint();
    private readonly Option<string?> _precision = Inputs.Precision("auto");
    private readonly Option<string?> _device =
        new("--device") { Description = "auto, cpu, cuda or cuda:N. Default: auto.", HelpName = "NAME" };
    private readonly Option<int?> _logEvery =
        new Option<int?>("--log-every") { Description = "Steps between log lines. Default: 50.", HelpName = "N" }.AtLeast(1);
    private readonly Option<int?> _evaluateEvery =
        new Option<int?>("--eval-every") { Description = "Steps between evaluations. Default: each epoch.", HelpName = "N" }.AtLeast(1);
    private readonly Option<int?> _saveEvery =
        new Option<int?>("--save-every") { Description = "Steps between checkpoints. Default: each epoch.", HelpName = "N" }.AtLeast(1);
    private readonly Option<int?> _keep =
        new Option<int?>("--keep") { Description = "Checkpoints that are kept. Default: 2.", HelpName = "N" }.AtLeast(1);
    private readonly Option<bool> _keepBest =
        new("--keep-best") { Description = "Return the weights of the best evaluation instead of the last." };
    private readonly Option<int?> _patience =
        new Option<int?>("--patience") { Description = "Stop after so many evaluations that are no better.", HelpName = "N" }.AtLeast(1);
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from the newest checkpoint; with none yet, begin." };
    private readonly Option<bool> _acceptChanges =
        new("--accept-changes") { Description = "Go on although data, vocabulary or settings changed." };
    private readonly Option<int?> _maxSkipped = new Option<int?>("--max-skipped-steps")
    {
        Description = "Steps with a loss that is no finite number that may be left out. Default: 0.",
        HelpName = "N",
    }.AtLeast(0);
    private readonly Option<int?> _seed =
        new("--seed") { Description = "Seed of weights, order, masks and dropout. Default: 42.", HelpName = "N" };
    private readonly Option<int?> _threads = new Option<int?>("--threads")
    {
        Description = "Threads of the tensor library. Default: one a core, or fewer where cores are busy with other work, which is "
            + "measured and said; with --resume, those of the run so far.",
        HelpName = "N",
    }.AtLeast(1);
    private readonly Option<bool> _dryRun =
        new("--dry-run") { Description = "Measure a few steps and say what the run would take: time, memory, disk." };

    public PretrainVerb()
        : base("pretrain", "Pretrain a masked language model on your text, from nothing or from a checkpoint.")
    {
        Takes([
            _data, _evaluationData, _evaluationShare, .. _reading.ForFiles, _vocabulary, _vocabularySize, _alphabetLimit, .. _case.All,
            _from, _revision, .. _opening.Options, _architecture, _size, _config, _output,
            _epochs, _maxSteps, _maxTime, _block, _join, _keepRemainder, _batch, _accumulate, _activationCheckpointing, _learningRate,
            _schedule, _warmup, _weightDecay, _clip, _maskProbability, _precision, _device,
            _logEvery, _evaluateEvery, _saveEvery, _keep, _keepBest, _patience, _resume, _acceptChanges, _maxSkipped, _seed, _threads,
            _dryRun]);
        Validators.Add(_case.Check);
        Exclude(_vocabulary, _vocabularySize, _alphabetLimit);
        Exclude(_config, _size, _architecture);
        Exclude(_from, [_config, _size, _architecture, _vocabulary, _vocabularySize, _alphabetLimit, .. _case.All]);
        Exclude(_maxTime, _epochs);
        Exclude(_evaluationData, _evaluationShare);
        Validators.Add(result =>
        {
            if (result.GetValue(_keepRemainder) && result.GetValue(_join) == "keep-apart")
                result.AddError("--keep-remainder does not go with --join keep-apart, which keeps every document's last block.");
            foreach (var option in _opening.OfModels.Append(_revision)
                .Where(option => result.GetResult(_from) is null && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} goes with --from.");
            if (result.GetResult(_maxTime) is { Tokens: [var token] } && !TimeBudget.TryParse(token.Value, out _))
                result.AddError($"--max-time must be a time such as 90s, 30m, 8h or 1.5d, but is '{token.Value}'.");
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "pretrain --data corpus.txt --eval-share 0.05 --output out/",
        "pretrain --data issues.tsv --column Description --vocabulary-size 8000 --size mini --epochs 10 --output out/ --json",
        "pretrain --data corpus/ --from google-bert/bert-base-uncased --max-time 8h --output night/",
        "pretrain --data corpus.txt --output out/ --resume",
    ];

    private static IReadOnlyDictionary<string, LearningRateSchedule> Schedules { get; } =
        new Dictionary<string, LearningRateSchedule>(StringComparer.Ordinal)
        {
            ["linear"] = LearningRateSchedule.Linear,
            ["cosine"] = LearningRateSchedule.Cosine,
            ["constant"] = LearningRateSchedule.Constant,
            ["one-cycle"] = LearningRateSchedule.Triangular,
            ["inverse-sqrt"] = LearningRateSchedule.InverseSquareRoot,
        };

    protected override int Run(ParseResult arguments, Session session)
    {
        using var source =
            arguments.GetValue(_from) is { } from ? Inputs.FindModel(from, arguments.GetRequiredValue(_revision), session) : null;
        using var start = source is null ? null : _opening.Open(source, arguments, session);
        using var display = TrainingDisplay.For(session);
        var output = arguments.GetRequiredValue(_output);
        var run = new CorpusPretraining(new CorpusPretrainingOptions
        {
            Data = arguments.GetRequiredValue(_data),
            EvaluationData = arguments.GetValue(_evaluationData) ?? [],
            Corpus = _reading.Of(arguments),
            Blocks = Blocks(arguments, start),
            Vocabulary = start is not null ? null : new WordPieceTokenizingOptions
            {
                VocabularyFile = arguments.GetValue(_vocabulary),
                VocabularySize = arguments.GetValue(_vocabularySize),
                AlphabetLimit = arguments.GetValue(_alphabetLimit),
                LowerCase = _case.LowerCase(arguments),
                StripAccents = _case.StripAccents(arguments),
                InvalidText = _opening.InvalidText(arguments) ?? InvalidTextHandling.Replace,
            },
            BaseModel = start,
            OutputDirectory = output,
            Resume = arguments.GetValue(_resume),
            Training = Training(arguments, new TrainingListeners(display, new CurvesFile(Path.Combine(output, "curves.png"))),
                session.CancellationToken),
        });
        if (arguments.GetValue(_dryRun))
            return TellCost(run.EstimateCost(session), session);

        using var result = Train(run, output, session, display);
        TellEnd(result.Training, Path.GetFullPath(output), session, display);
        return ExitCodes.Done;
    }

    /// <summary>Trains; of a run that is stopped, says where it can go on.</summary>
    private static PretrainingResult Train(CorpusPretraining run, string output, Session session, TrainingDisplay display)
    {
        try
        {
            return run.Run(session);
        }
        catch (OperationCanceledException) when (!session.IsOutputLost)
        {
            display.Dispose();
            var checkpoints = new CheckpointStore(Path.Combine(output, "checkpoints"));
            session.Say(checkpoints.Steps is [var step, ..]
                ? $"Stopped. --resume continues from {checkpoints.PathOf(step)}."
                : "Stopped before there was anything to save. --resume begins with what is prepared.");
            throw;
        }
    }

    private static int TellCost(TrainingCost cost, Session session)
    {
        session.Result(
            new
            {
                cost.Steps,
                StepS = cost.StepTime.TotalSeconds,
                cost.TokensPerSecond,
                DurationS = cost.Duration.TotalSeconds,
                PeakMemoryMb = cost.PeakMemoryBytes / 1e6,
                DiskMb = cost.DiskBytes / 1e6,
                cost.Parameters,
            },
            screen => screen.Facts(
            [
                ("parameters", Tables.Count(cost.Parameters)),
                ("steps", cost.Steps is { } steps ? Tables.Count(steps) : "as many as the time allows"),
                ("a step", Tables.Number(cost.StepTime.TotalSeconds, "0.000") + " s"),
                ("tokens a second", Tables.Count((long)cost.TokensPerSecond)),
                ("the whole run", cost.Duration.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture)),
                ("memory", Tables.Number(cost.PeakMemoryBytes / 1e6, "0") + " MB"),
                ("disk", Tables.Number(cost.DiskBytes / 1e6, "0") + " MB"),
            ]));
        return ExitCodes.Done;
    }

    private static void TellEnd(TrainingResult result, string output, Session session, TrainingDisplay display)
    {
        display.Dispose();
        session.Result(
            new
            {
                Event = "end",
                result.Steps,
                result.Tokens,
                ElapsedS = Math.Round(result.Elapsed.TotalSeconds, 3),
                TokensPerSecond = result.Tokens / result.Elapsed.TotalSeconds,
                result.Evaluation?.Loss,
                result.Evaluation?.Perplexity,
                result.Evaluation?.Accuracy,
                Ended = result.Ended,
                Output = output,
            },
            screen => screen.Facts(
            [
                ("steps", Tables.Count(result.Steps)),
                ("tokens", Tables.Count(result.Tokens)),
                ("time", result.Elapsed.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture)),
                .. result.Evaluation is not { } figures ? Array.Empty<(string, string)>() :
                [
                    ("loss", Tables.Number(figures.Loss)),
                    ("perplexity", Tables.Number(figures.Perplexity, "0.00")),
                    ("accuracy", Tables.Number(figures.Accuracy, "0.00 %")),
                ],
                ("written to", output),
            ]));
    }

    private BlockOptions Blocks(ParseResult arguments, PretrainedModel? start)
    {
        var length = new BlockOptions().BlockLength;
        return new BlockOptions
        {
            BlockLength = arguments.GetValue(_block) ?? Math.Min(length, start?.Configuration.LongestSequence ?? length),
            Packing = arguments.GetValue(_join) switch
            {
                "wrap-blocks" => BlockPacking.ConcatenateBlocks,
                "keep-apart" => BlockPacking.OneDocumentPerBlock,
                _ => BlockPacking.ConcatenateDocuments,
            },
            Remainder = arguments.GetValue(_keepRemainder) ? RemainderHandling.Pad : null,
        };
    }

    private MlmOptions Training(ParseResult arguments, IProgress<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        var defaults = new MlmOptions();
        var batch = arguments.GetValue(_batch);
        var parts = arguments.GetValue(_accumulate);
        var warmup = arguments.GetValue(_warmup);
        return new MlmOptions
        {
            Size = arguments.GetValue(_size),
            Architecture = arguments.GetValue(_architecture),
            Configuration = arguments.GetValue(_config) is { } config ? ModelArchitecture.ReadConfig(config) : null,
            Epochs = arguments.GetValue(_epochs) ?? defaults.Epochs,
            MaxSteps = arguments.GetValue(_maxSteps),
            TimeBudget = arguments.GetValue(_maxTime) is { } time && TimeBudget.TryParse(time, out var budget) ? budget : null,
            BatchSize = batch,
            ActivationCheckpointing = arguments.GetValue(_activationCheckpointing),
            MicroBatchSize = parts is null ? null : (int)Math.Max(1,
                ((long)(batch ?? (arguments.GetValue(_from) is null ? 32 : 16)) + parts.Value - 1) / parts.Value),
            LearningRate = arguments.GetValue(_learningRate),
            LearningRateSchedule = Schedules[arguments.GetValue(_schedule)!],
            WarmupRatio = warmup < 1 ? warmup : null,
            WarmupSteps = warmup >= 1 ? (int)Math.Min(int.MaxValue, warmup.Value) : null,
            WeightDecay = arguments.GetValue(_weightDecay) ?? defaults.WeightDecay,
            ClipNorm = arguments.GetValue(_clip) ?? defaults.ClipNorm,
            MaskProbability = arguments.GetValue(_maskProbability) ?? defaults.MaskProbability,
            Precision = Inputs.ToPrecision(arguments.GetValue(_precision)!),
            Device = arguments.GetValue(_device) ?? defaults.Device,
            EvaluationFraction = arguments.GetValue(_evaluationShare),
            LogEveryNSteps = arguments.GetValue(_logEvery) ?? defaults.LogEveryNSteps,
            EvaluateEveryNSteps = arguments.GetValue(_evaluateEvery),
            SaveEveryNSteps = arguments.GetValue(_saveEvery),
            MaxCheckpoints = arguments.GetValue(_keep) ?? defaults.MaxCheckpoints,
            RestoreBestWeights = arguments.GetValue(_keepBest),
            Patience = arguments.GetValue(_patience),
            AllowChangesOnResume = arguments.GetValue(_acceptChanges),
            MaxNonFiniteSteps = arguments.GetValue(_maxSkipped) ?? defaults.MaxNonFiniteSteps,
            Seed = arguments.GetValue(_seed) ?? 42,
            Threads = arguments.GetValue(_threads),
            Progress = progress,
            CancellationToken = cancellationToken,
        };
    }

    private void Exclude(Option first, params Option[] others) => Validators.Add(result =>
    {
        if (result.GetResult(first) is not { Implicit: false })
            return;
        foreach (var other in others.Where(o => result.GetResult(o) is { Implicit: false }))
            result.AddError($"{first.Name} and {other.Name} exclude each other.");
    });
}
