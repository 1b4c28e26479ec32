using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Evaluation;
using MlNetBert.Text.Corpora;

namespace MlNetBert.Cli.Verbs;

/// <summary>Measures a masked language model.</summary>
internal sealed class EvaluateVerb : Verb
{
    private readonly Option<string> _model = Inputs.ModelOption();
    private readonly Option<string> _revision = Inputs.Revision();
    private readonly Opening _opening = new();
    private readonly Option<string?> _data = Inputs.Data("--data", required: false, "The texts to measure on")!;
    private readonly ReadingOptions _reading = new();
    private readonly Option<string?> _masked = new("--masked")
    {
        Description =
            "Blocks that are masked already: safetensors with input_ids and labels, [blocks, length], -100 where nothing is masked.",
        HelpName = "F",
    };
    private readonly Option<int?> _block = new Option<int?>("--block")
    {
        Description = "Tokens of a block. Default: 128, at most the model's positions.",
        HelpName = "N",
    }.AtLeast(3);
    private readonly Option<int?> _seed = new("--seed") { Description = "Where the masks come from. Default: 42.", HelpName = "N" };
    private readonly Option<int> _batch = new Option<int>("--batch")
    {
        Description = "Blocks in a batch; figures do not depend on it.",
        HelpName = "N",
        DefaultValueFactory = _ => 32,
    }.AtLeast(1);
    private readonly Option<string?> _precision = Inputs.Precision();

    public EvaluateVerb()
        : base("evaluate", "Measure a masked language model: loss, perplexity and accuracy over all masked tokens, dropout off.")
    {
        Takes([_model, _revision, .. _opening.Options, _data, .. _reading.ForFiles, _masked, _block, _seed, _batch, _precision]);
        Validators.Add(result =>
        {
            var hasData = result.GetResult(_data) is not null;
            var hasMasked = result.GetResult(_masked) is not null;
            if (hasData == hasMasked)
                result.AddError(hasData ? "--data and --masked exclude each other." : "--data F or --masked F is required.");
            foreach (var option in (Option[])[_block, _seed, .. _reading.ForFiles])
            {
                if (hasMasked && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} goes with --data: the blocks and masks of --masked are fixed.");
            }
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "evaluate --model out/ --data valid.txt",
        "evaluate --model google-bert/bert-base-uncased --data issues.tsv --column Description --block 128 --seed 1 --json",
        "evaluate --model out/ --masked valid-masked.safetensors",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var data = arguments.GetValue(_data);
        var corpus = data is null ? null : _reading.Open(data, arguments, session);
        using var source = Inputs.FindModel(arguments.GetRequiredValue(_model), arguments.GetRequiredValue(_revision), session);
        using var model = _opening.Open(source, arguments, session);
        var options = new MlmEvaluationOptions
        {
            BlockLength = arguments.GetValue(_block),
            BatchSize = arguments.GetValue(_batch),
            Seed = arguments.GetValue(_seed) ?? new MlmEvaluationOptions().Seed,
            Precision = Inputs.ToPrecision(arguments.GetRequiredValue(_precision)!),
        };
        var evaluator = new MlmEvaluator(model, options);
        var seen = new CorpusStatistics();
        var result = corpus is null
            ? evaluator.EvaluateMasked(arguments.GetRequiredValue(_masked)!, session.CancellationToken)
            : evaluator.Evaluate(corpus.ReadDocuments(seen), session.CancellationToken);
        ReadingOptions.Tell(seen.Notes, session);
        session.Result(
            new { result.Loss, result.Perplexity, result.Accuracy, MaskedTokens = result.Targets },
            screen => screen.Facts(
            [
                ("loss", Tables.Number(result.Loss)),
                ("perplexity", Tables.Number(result.Perplexity, "0.00")),
                ("accuracy", Tables.Number(result.Accuracy, "0.00 %")),
                ("masked tokens", Tables.Count(result.Targets)),
            ]));
        return ExitCodes.Done;
    }
}
