using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Models;
using MlNetBert.Plotting;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Metrics;

namespace MlNetBert.Cli.Verbs;

/// <summary>Pretrains a language model, from scratch or from a checkpoint.</summary>
internal sealed class PretrainVerb : Verb
{
    private readonly Option<string[]> _data = Inputs.Data("--data", required: true, "What to train on");
    private readonly Option<string[]> _evaluationData = Inputs.Data("--eval-data", required: false, "What to evaluate on");
    private readonly Option<double> _evaluationFraction = new Option<double>("--eval-fraction")
    {
        Description = "Fraction of the blocks held out for evaluation, without --eval-data. Default: 0.",
        HelpName = "VALUE",
    }.Formerly("--eval-share");
    private readonly ReadingOptions _reading = new();
    private readonly Option<string?> _tokenizer = Inputs.Tokenizer("The tokenizer of a new model");
    private readonly Option<int?> _vocabularySize = new Option<int?>("--vocabulary-size")
    {
        Description = "Size of the vocabulary that is learned from the data. Default: 8000.",
        HelpName = "N",
    }.AtLeast(100);
    private readonly Option<int?> _alphabetLimit = Inputs.AlphabetLimit();
    private readonly CaseOptions _case = new("", learns: true);
    private readonly Option<string?> _baseModel = new Option<string?>("--base-model")
    {
        Description = "The model whose weights and tokenizer training starts from. " + ModelInput.Help,
        HelpName = "MODEL",
    }.Formerly("--from");
    private readonly Option<string> _revision = Inputs.Revision();
    private readonly Opening _opening = new(trains: true);
    private readonly Option<string?> _architecture = Inputs.Architecture("Architecture of a new model.");
    private readonly Option<string?> _size = new Option<string?>("--size")
    {
        Description = "Size of a new model. Default: " + PretrainingOptions.DefaultSize + ".",
    }.OneOf([.. ModelSize.All.Select(s => s.Name)]);
    private readonly Option<string?> _config =
        new("--config") { Description = "A config.json for a new model, instead of --size and --architecture.", HelpName = "FILE" };
    private readonly Option<string> _output = new("--output")
    {
        Description = "The directory of the run: the model at the end, checkpoints, metrics.",
        HelpName = "DIR",
        Required = true,
    };
    private readonly ObjectiveArguments _objective = new();
    private readonly BlockArguments _blocks = new();
    private readonly TrainingArguments _training = new();
    private readonly Option<bool> _resume = new("--resume") { Description = "Resume from the latest checkpoint if there is one." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Estimate time, memory and disk, then exit." };

    public PretrainVerb()
        : base("pretrain", "Pretrain a language model on your text, from scratch or from a checkpoint.")
    {
        Option[] ofNewModels = [_config, _size, _architecture, _tokenizer, _vocabularySize, _alphabetLimit, .. _case.All];
        Takes([
            _data, _evaluationData, _evaluationFraction, .. _reading.ForFiles, _tokenizer, _vocabularySize, _alphabetLimit, .. _case.All,
            _baseModel, _revision, .. _opening.Options, _architecture, _size, _config, _output, .. _objective.All, .. _blocks.All,
            .. _training.All, _resume, _dryRun]);
        Validators.Add(_case.Check);
        Validators.Add(_objective.Check);
        Validators.Add(_training.Check);
        Exclude(_tokenizer, _vocabularySize, _alphabetLimit);
        Exclude(_config, _size, _architecture);
        Exclude(_baseModel, ofNewModels);
        Exclude(_training.TimeBudget, _training.Epochs);
        Exclude(_evaluationData, _evaluationFraction);
        Validators.Add(result =>
        {
            foreach (var option in _opening.OfModels.Append(_revision)
                .Where(option => result.GetResult(_baseModel) is null && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} goes with {_baseModel.Name}.");
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "pretrain --data corpus.txt --eval-fraction 0.05 --output out/",
        "pretrain --data issues.tsv --column Description --vocabulary-size 8000 --size mini --epochs 10 --output out/ --json",
        "pretrain --data corpus/ --base-model google-bert/bert-base-uncased --time-budget 8h --output night/",
        "pretrain --data corpus.txt --output out/ --resume",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        using var source =
            arguments.GetValue(_baseModel) is { } name ? Inputs.FindModel(name, arguments, _revision, session) : null;
        using var baseModel = source is null ? null : _opening.Open(source, arguments, session);
        using var display = TrainingDisplay.For(session);
        var output = arguments.GetRequiredValue(_output);
        var run = new CorpusPretraining(new CorpusPretrainingOptions
        {
            TrainingFiles = arguments.GetRequiredValue(_data),
            EvaluationFiles = arguments.GetValue(_evaluationData) ?? [],
            Corpus = _reading.Of(arguments),
            Blocks = _blocks.Of(arguments, baseModel),
            Vocabulary = baseModel is null ? Vocabulary(arguments) : null,
            BaseModel = baseModel,
            OutputDirectory = output,
            Resume = arguments.GetValue(_resume),
            Training = _training.With(_objective.Of(arguments), arguments, baseModel is not null) with
            {
                Size = arguments.GetValue(_size),
                Architecture = arguments.GetValue(_architecture),
                Config = arguments.GetValue(_config) is { } config ? ModelArchitecture.ReadConfig(config) : null,
                EvaluationFraction = arguments.GetValue(_evaluationFraction),
                Progress = new TrainingListeners(display, new CurvesFile(Path.Combine(output, "curves.png"))),
                CancellationToken = session.CancellationToken,
            },
        });
        if (arguments.GetValue(_dryRun))
        {
            RunReport.Estimate(run.Estimate(session), session);
            return ExitCodes.Done;
        }

        using var result = Train(run, output, session, display);
        display.Dispose();
        RunReport.End(result.Training, Path.GetFullPath(output), session);
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

    private SubwordTokenizingOptions Vocabulary(ParseResult arguments) => new()
    {
        VocabularyFile = arguments.GetValue(_tokenizer),
        VocabularySize = arguments.GetValue(_vocabularySize),
        AlphabetLimit = arguments.GetValue(_alphabetLimit),
        LowerCase = _case.LowerCase(arguments),
        StripAccents = _case.StripAccents(arguments),
        InvalidText = _opening.InvalidText(arguments) ?? InvalidTextHandling.Replace,
    };

    private void Exclude(Option first, params Option[] others) => Validators.Add(result =>
    {
        if (result.GetResult(first) is not { Implicit: false })
            return;
        foreach (var other in others.Where(o => result.GetResult(o) is { Implicit: false }))
            result.AddError($"{first.Name} and {other.Name} exclude each other.");
    });
}
