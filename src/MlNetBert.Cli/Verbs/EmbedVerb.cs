using System.CommandLine;
using System.Globalization;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Embeddings;

namespace MlNetBert.Cli.Verbs;

/// <summary>Makes vectors of texts.</summary>
internal sealed class EmbedVerb : Verb
{
    private const int TextsAtOnce = 64;

    private readonly ModelInput _model = new();
    private readonly TextArgument _texts;
    private readonly ReadingOptions _reading = new();
    private readonly Opening _opening = new();
    private readonly Option<string?> _pooling = new Option<string?>("--pooling")
    {
        Description = "How token vectors become one. Default: the model's own way, else mean.",
    }.OneOf([.. PoolingModes.Names]);
    private readonly Option<bool?> _normalize =
        new("--normalize") { Description = "Scale vectors to length 1. Default: the model's own way, else not.", HelpName = "true|false" };
    private readonly Option<int?> _maxLength = new Option<int?>("--max-length")
    {
        Description = "Tokens of a text that are read. Default: what the model's files say, at most its positions.",
        HelpName = "N",
    }.AtLeast(3);
    private readonly Option<string?> _prompt = new("--prompt")
    {
        Description = "What is put before each text: the name of one of the model's prompts, or the text itself; a single word is a name. "
            + "Default: the model's default prompt, else nothing.",
        HelpName = "NAME|TEXT",
    };
    private readonly Option<string?> _precision = Inputs.Precision();
    private readonly Option<string> _device = Inputs.Device();

    public EmbedVerb()
        : base("embed", "Make a vector of each text.")
    {
        _texts = new TextArgument(_model);
        Takes([
            _model.Argument, _texts, _model.Option, _model.RevisionOption, .. _opening.Options, _pooling, _normalize, _maxLength, _prompt,
            _precision, _device, .. _reading.ForInput]);
        _texts.Need(this, "MODEL", _reading.ForInput);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "embed sentence-transformers/all-MiniLM-L6-v2 \"A cat sits on the mat.\" --json",
        "embed --model out/ --pooling cls --normalize --max-length 64 --json - < texts.txt > vectors.jsonl",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        using var source = _model.Find(arguments, session);
        using var model = _opening.Open(source, arguments, session);
        var options = new EmbeddingOptions
        {
            Pooling = arguments.GetValue(_pooling) is { } pooling ? PoolingModes.Find(pooling) : null,
            Prompt = arguments.GetValue(_prompt),
            Normalize = arguments.GetValue(_normalize),
            MaxLength = arguments.GetValue(_maxLength),
            Precision = Inputs.ToPrecision(arguments.GetRequiredValue(_precision)!),
            Device = arguments.GetRequiredValue(_device),
        };
        var embedder = new TextEmbedder(model, options);
        var (read, cut) = (0, 0);
        foreach (var group in
            _texts.Groups(arguments, TextsAtOnce, _reading.StandardInput(arguments, session)))
        {
            session.CancellationToken.ThrowIfCancellationRequested();
            var vectors = embedder.Embed(group, out var cutHere, session.CancellationToken);
            (read, cut) = (read + group.Length, cut + cutHere);
            if (vectors.Any(vector => !Array.TrueForAll(vector, float.IsFinite)))
                throw new InvalidDataException(
                    "The model gives vectors with values that are no finite numbers. Its weights hold such values, "
                        + "or overflow on these texts.");
            for (var i = 0; i < group.Length; i++)
                session.Result(new { Text = group[i], Embedding = vectors[i] }, screen =>
                    screen.Write(Safe.Text(Shown(group[i], vectors[i]) + "\n")));
        }

        if (cut > 0)
            session.Say(string.Create(CultureInfo.InvariantCulture,
                $"Warning: {cut} of {read} texts have more than {embedder.Settings.MaxLength} tokens, special tokens included; ")
                + "they were cut.");
        return ExitCodes.Done;
    }

    private static string Shown(string text, float[] vector)
    {
        string values = string.Join(", ", vector.Take(6).Select(value => value.ToString("0.0000", CultureInfo.InvariantCulture)));
        string rest = vector.Length > 6 ? string.Create(CultureInfo.InvariantCulture, $", … {vector.Length} values") : "";
        return $"[{values}{rest}]  {text}";
    }
}
