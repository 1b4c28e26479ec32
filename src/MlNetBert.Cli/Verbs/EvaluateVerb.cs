using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Evaluation;
using MlNetBert.Pretraining;

namespace MlNetBert.Cli.Verbs;

/// <summary>Measures a pretrained model.</summary>
internal sealed class EvaluateVerb : Verb
{
    private readonly ModelInput _model = new();
    private readonly Opening _opening = new();
    private readonly Option<string[]> _data = Inputs.Data("--data", required: false, "The texts to measure on");
    private readonly ReadingOptions _reading = new();
    private readonly Option<string?> _masked = new Option<string?>("--masked-data")
    {
        Description =
            "Blocks with targets that are fixed: safetensors with input_ids and labels, [blocks, length], -100 where there is none. Of "
                + "replaced-token detection input_ids alone, which are masked and replaced by --seed.",
        HelpName = "FILE",
    }.Formerly("--masked");
    private readonly Option<string?> _objective = Inputs.Objective("What to measure. Default: what the model was pretrained for.");
    private readonly Option<int?> _block = Inputs.BlockLength("Tokens per block. Default: 128, at most the model's positions.");
    private readonly Option<int?> _seed = new("--seed") { Description = "Where the masks come from. Default: 42.", HelpName = "N" };
    private readonly Option<int?> _batch = Inputs.BatchSize("Blocks per batch; results do not depend on it. Default: 32.");
    private readonly Option<string?> _precision = Inputs.Precision();

    public EvaluateVerb()
        : base("evaluate", "Measure a pretrained model: loss, perplexity and accuracy over all targets (masked tokens), dropout off.")
    {
        Takes([.. _model.All, .. _opening.Options, _data, .. _reading.ForFiles, _masked, _objective, _block, _seed, _batch, _precision]);
        _model.RequireOnce(this);
        Validators.Add(result =>
        {
            var hasData = result.GetResult(_data) is not null;
            var hasMasked = result.GetResult(_masked) is not null;
            if (hasData == hasMasked)
                result.AddError(
                    hasData ? "--data and --masked-data exclude each other." : "--data FILE or --masked-data FILE is required.");
            foreach (var option in (Option[])[_block, .. _reading.ForFiles])
            {
                if (hasMasked && result.GetResult(option) is { Implicit: false })
                    result.AddError(FixedBlocks(option));
            }
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "evaluate --model out/ --data valid.txt",
        "evaluate --model google-bert/bert-base-uncased --data issues.tsv --column Description --block-length 128 --seed 1 --json",
        "evaluate --model out/ --masked-data valid-masked.safetensors",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var corpus = arguments.GetValue(_data) is { Length: > 0 } data ? _reading.Open(arguments, session, data)[0] : null;
        using var source = _model.Find(arguments, session);
        using var model = _opening.Open(source, arguments, session);
        var options = new PretrainingEvaluationOptions
        {
            BlockLength = arguments.GetValue(_block),
            BatchSize = arguments.GetValue(_batch) ?? new PretrainingEvaluationOptions().BatchSize,
            Seed = arguments.GetValue(_seed) ?? new PretrainingEvaluationOptions().Seed,
            Precision = Inputs.ToPrecision(arguments.GetRequiredValue(_precision)!),
        };
        var task = arguments.GetValue(_objective) is { } objective ? PretrainingTask.Get(objective) : null;
        var evaluator = new PretrainingEvaluator(model, options, task);
        if (corpus is null && arguments.GetValue(_seed) is not null && !evaluator.Task.CorruptsStoredBlocks)
            throw new UsageException(FixedBlocks(_seed));
        var result = corpus is null
            ? evaluator.EvaluateStored(arguments.GetRequiredValue(_masked)!, session.CancellationToken)
            : ReadingOptions.Read(seen => evaluator.Evaluate(corpus.ReadDocuments(seen), session.CancellationToken), session);
        session.Result(
            new
            {
                Objective = evaluator.Task.Name,
                result.Loss,
                result.Perplexity,
                result.Accuracy,
                TargetCount = result.TargetCount,
                MaskedTokens = result.TargetCount,
                Targets = result.TargetCount,
                result.Metrics,
            },
            screen => screen.Facts(
            [
                ("objective", evaluator.Task.Name),
                .. RunReport.Figures(result),
                (evaluator.Task.Card.Target + "s", Tables.Count(result.TargetCount)),
            ]));
        return ExitCodes.Done;
    }

    private static string FixedBlocks(Option option) =>
        $"{option.Name} goes with --data: the blocks and masks of --masked-data are fixed.";
}
