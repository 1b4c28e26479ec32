using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.FillMask;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Cli.Verbs;

/// <summary>Fills the masks of texts.</summary>
internal sealed class FillMaskVerb : Verb
{
    private const int TextsAtOnce = 64;

    private readonly ModelInput _model = new();
    private readonly TextArgument _texts;
    private readonly ReadingOptions _reading = new();
    private readonly Opening _opening = new();
    private readonly Option<int> _topK =
        new Option<int>("--top-k") { Description = "Candidates per mask.", HelpName = "N", DefaultValueFactory = _ => 5 }
            .AtLeast(1).Formerly("--top");
    private readonly Option<string[]> _targets =
        new("--targets") { Description = "Comma-separated words to choose from.", HelpName = "WORD,…" };
    private readonly Option<string?> _precision = Inputs.Precision();
    private readonly Option<string> _device = Inputs.Device();

    public FillMaskVerb()
        : base("fill-mask", "Fill the mask tokens of texts with the most probable pieces.")
    {
        _texts = new TextArgument(_model);
        Takes([_model.Argument, _texts, _model.Option, _model.RevisionOption, .. _opening.Options, _topK, _targets, _precision, _device,
            .. _reading.ForInput]);
        _texts.Need(this, "MODEL", _reading.ForInput);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "fill-mask google-bert/bert-base-uncased \"Paris is the [MASK] of France.\"",
        "fill-mask --model issues.zip --top-k 3 --targets exception,error --json - < texts.txt",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        using var source = _model.Find(arguments, session);
        using var model = _opening.Open(source, arguments, session);
        var targets = Targets(arguments, model, session);
        var filler = new MaskFiller(model, new FillMaskOptions
        {
            TopK = arguments.GetValue(_topK),
            CandidateWords = targets,
            Precision = Inputs.ToPrecision(arguments.GetRequiredValue(_precision)!),
            Device = arguments.GetRequiredValue(_device),
        });
        foreach (var group in
            _texts.Groups(arguments, TextsAtOnce, _reading.StandardInput(arguments, session)))
        {
            session.CancellationToken.ThrowIfCancellationRequested();
            var filled = filler.Fill(group, session.CancellationToken);
            if (filled.Any(text => text.Candidates.Any(candidates => candidates.Any(candidate => !float.IsFinite(candidate.Score)))))
                throw new InvalidDataException(
                    "The model gives scores that are no finite numbers. Its weights hold such values, or overflow on these texts.");
            for (var i = 0; i < group.Length; i++)
                Show(session, model, filler, group[i], filled[i]);
        }

        return ExitCodes.Done;
    }

    private IReadOnlyList<string> Targets(ParseResult arguments, PretrainedModel model, Session session)
    {
        if (arguments.GetResult(_targets) is null)
            return [];
        var words = arguments.GetRequiredValue(_targets)
            .SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .ToList();
        if (words.Count == 0)
            throw new UsageException("--targets must name at least one word, such as --targets cat,dog.");
        var targets = words.ConvertAll(word => Target(model, word));
        foreach (var target in targets.Where(target => !target.IsPiece))
            session.Say($"The target '{target.Word}' is no piece of the vocabulary: '{target.Piece}' is taken.");
        return [.. targets.Select(target => target.Piece)];
    }

    private static MaskTarget Target(PretrainedModel model, string word)
    {
        try
        {
            return MaskTarget.Find(model.Tokenizer, word);
        }
        catch (ArgumentException)
        {
            throw new UsageException($"--targets: nothing is left of '{word}' once it is tokenized. Take another word.");
        }
    }

    private static void Show(Session session, PretrainedModel model, MaskFiller filler, string text, MaskedText filled)
    {
        if (filled.IsTruncated)
            session.Say(
                $"A text has more tokens than the model's {model.Config.LongestSequence} positions; it was cut around its first "
                    + $"mask: {text[..Math.Min(40, text.Length)]}…");
        else if (filled.MaskPositions.Count == 0 && text.Length > 0)
        {
            var mask = model.Tokenizer.GetText(model.Tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, "Filling masks"));
            session.Say($"There is no {mask} in: {text}");
        }

        var masks = filled.Candidates.Select((candidates, mask) => candidates.Select((candidate, k) => new
        {
            candidate.Score,
            Token = candidate.TokenId,
            TokenStr = filler.Decode(candidate),
            Sequence = filler.Decode(filled, mask, k),
        }).ToList()).ToList();
        session.Result(new { Text = text, Masks = masks }, screen =>
        {
            foreach (var candidates in masks)
            {
                var table = Tables.Plain("score", "token", "sequence");
                foreach (var candidate in candidates)
                    table.Row(Tables.Number(candidate.Score, "0.0000"), candidate.TokenStr, candidate.Sequence);
                screen.Write(table);
            }
        });
    }
}
