using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Generation;

namespace MlNetBert.Cli.Verbs;

/// <summary>Continues texts, or answers them.</summary>
internal sealed class GenerateVerb : Verb
{
    private const int TextsAtOnce = 64;

    private readonly ModelInput _model = new();
    private readonly TextArgument _texts;
    private readonly ReadingOptions _reading = new();
    private readonly Opening _opening = new();
    private readonly GenerationArguments _generation = new();

    public GenerateVerb()
        : base("generate", "Continue texts with a causal language model, or answer them with a text-to-text model.")
    {
        _texts = new TextArgument(_model) { Instead = _generation.Ids };
        Takes([
            _model.Argument, _texts, _model.Option, _model.RevisionOption, .. _opening.Options, .. _generation.All, .. _reading.ForInput]);
        _texts.Need(this, "MODEL", _reading.ForInput);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "generate HuggingFaceTB/SmolLM2-135M \"The first thing I saw was\" --temperature 0.8 --top-p 0.95 --seed 1",
        "generate --model out/ --beams 4 --results 2 --json - < texts.txt",
        "generate --model out/ --ids 25,152,131 --json",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var options = _generation.Of(arguments);
        options.Validate();
        if (_generation.HasIdleSeed(arguments))
            session.Say("--seed changes nothing: the most likely tokens are taken. Add --temperature 1 to sample.");
        using var source = _model.Find(arguments, session);
        if (_generation.Prompts(arguments) is { } prompts && source.Kind != ModelSourceKind.Zip
            && source.GetDirectory(session.CancellationToken) is var directory && ModelWithoutTokenizer.Is(directory))
        {
            using var plain = ModelWithoutTokenizer.Open(directory, source.Name, options, session.CancellationToken);
            Tell(plain.Warnings, session);
            Show(plain.Generate(prompts, session.CancellationToken), plain.Continues, session);
            return ExitCodes.Done;
        }

        using var model = _opening.Open(source, arguments, session);
        var generator = new TextGenerator(model, options);
        Tell(generator.Notes, session);
        if (_generation.Prompts(arguments) is { } ids)
            Show(generator.GenerateTokens(ids, session.CancellationToken), generator.Continues, session);
        else
            Write(generator, options.BatchSize, arguments, session);
        return ExitCodes.Done;
    }

    /// <summary>
    /// Whether texts are written one at a time, each as it comes: to somebody who reads along and did not ask for several at once.
    /// </summary>
    internal static bool Streams(bool isStreamable, bool isJson, bool isTerminal, int? batchSize) =>
        isStreamable && isTerminal && !isJson && batchSize is null;

    private void Write(TextGenerator generator, int? batchSize, ParseResult arguments, Session session)
    {
        var streams = Streams(generator.IsStreamable, session.IsJson, session.IsTerminal, batchSize);
        var count = 0L;
        foreach (var group in _texts.Groups(
            arguments, Math.Max(TextsAtOnce, batchSize ?? 0), _reading.StandardInput(arguments, session)))
        {
            if (streams)
                Stream(generator, group, count, session);
            else
                Show(generator.Generate(group, count, session.CancellationToken), generator.Continues, session);
            count += group.Length;
        }
    }

    // Each text as it is written.
    private static void Stream(TextGenerator generator, string[] texts, long first, Session session)
    {
        foreach (var (index, text) in texts.Index())
        {
            GeneratedText? whole = null;
            var pieces = generator.Stream(text, first + index, result => whole = result, session.CancellationToken);
            if (generator.Continues)
                session.Piece(text);
            foreach (var piece in pieces)
                session.Piece(piece);
            session.Piece("\n");
            Tell([whole!], generator.Continues, session);
        }
    }

    private static void Show(IReadOnlyList<IReadOnlyList<GeneratedText>> results, bool continues, Session session)
    {
        foreach (var ofText in results)
        {
            foreach (var result in ofText)
            {
                var shown = result.Generated is null
                    ? string.Join(',', result.GeneratedIds) : (continues ? result.Text : "") + result.Generated;
                session.Result(
                    new { result.Text, result.Generated, result.GeneratedIds, result.Tokens, result.Score, result.End },
                    _ => session.Piece(shown + "\n"));
            }

            Tell(ofText, continues, session);
        }
    }

    private static void Tell(IEnumerable<string> notes, Session session)
    {
        foreach (var note in notes)
            session.Say("Warning: " + note);
    }

    private static void Tell(IReadOnlyList<GeneratedText> results, bool continues, Session session)
    {
        if (results.Max(result => result.PromptTokensCut) is > 0 and var cut)
        {
            session.Say(continues
                ? $"Warning: {cut} token(s) at the beginning of a text were left out, so that the model's positions have room for the new "
                    + "ones: --max-new-tokens, or half of the positions where that is less."
                : $"Warning: {cut} token(s) at the end of a text were left out: it is longer than the model's positions.");
        }

        if (results.Any(result => result.End == GenerationEnd.Positions))
            session.Say("Warning: a text ends where the model's positions are used up, before --max-new-tokens.");
        if (results.Any(result => result.End == GenerationEnd.NothingAllowed))
            session.Say("Warning: a text ends where --no-repeat-ngrams allows no token.");
    }
}
