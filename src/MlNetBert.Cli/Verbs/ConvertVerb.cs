using System.CommandLine;
using System.CommandLine.Parsing;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Conversion;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Cli.Verbs;

/// <summary>Writes a model in another form.</summary>
internal sealed class ConvertVerb : Verb
{
    private readonly ModelInput _model = new();
    private readonly Argument<string?> _place = new("OUTPUT")
    {
        Description = "Where to write: a name that ends with .zip is an ML.NET zip, another one a Hugging Face directory.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> _output =
        new("--output") { Description = "Where to write, instead of the argument.", HelpName = "DIR|FILE" };
    private readonly Opening _opening = new();
    private readonly Option<string?> _dtype =
        new Option<string?>("--dtype") { Description = "Type of the weights. Default: as they are." }.OneOf(["fp32", "fp16", "bf16"]);

    public ConvertVerb()
        : base("convert", "Write a model as a Hugging Face directory or as an ML.NET zip.")
    {
        Takes([_model.Argument, _place, _model.Option, _output, _model.RevisionOption, .. _opening.Options, _dtype]);
        Validators.Add(result =>
        {
            var given = Places(result).Count + (_model.IsNamedByOption(result) ? 1 : 0) + (HasOutput(result) ? 1 : 0);
            if (given != 2)
                result.AddError(given > 2
                    ? "MODEL and OUTPUT are each given once, as an argument or as --model and --output."
                    : "MODEL and OUTPUT are required, as arguments or as --model and --output.");
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "convert google-bert/bert-base-uncased bert.zip",
        "convert issues.zip out/",
        "convert out/ small/ --dtype bf16 --json",
        "convert --model out/ --output small/",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var places = Places(arguments.CommandResult);
        var model = arguments.GetValue(_model.Option) ?? places[0];
        var output = arguments.GetValue(_output) ?? places[^1];
        using var source = _model.Find(model, arguments, session);
        SafetensorsDtype? dtype = arguments.GetValue(_dtype) switch
        {
            "fp32" => SafetensorsDtype.F32,
            "fp16" => SafetensorsDtype.F16,
            "bf16" => SafetensorsDtype.BF16,
            _ => null,
        };
        var result = ModelConversion.Convert(source, output, dtype, _opening.Of(arguments), session.CancellationToken);
        foreach (var warning in result.Warnings)
            session.Say("Warning: " + warning);
        (string, string?)[] pipeline = result.Kind == ModelSourceKind.Zip ? [("pipeline of", result.Objective ?? "embeddings")] : [];
        session.Result(
            new
            {
                result.Output,
                result.Kind,
                result.Objective,
                Dtype = string.Join(", ", result.Dtypes.Select(NameOf)),
                result.Files,
                Bytes = result.Files.Sum(file => file.Bytes),
            },
            screen => screen.Facts(
            [
                ("written to", result.Output),
                ("dtype", string.Join(", ", result.Dtypes.Select(NameOf))),
                .. pipeline,
                .. result.Files.Select(file => (file.Name, (string?)(Tables.Count(file.Bytes) + " bytes"))),
            ]));
        return ExitCodes.Done;
    }

    private bool HasOutput(CommandResult result) => result.GetResult(_output) is { Implicit: false };

    /// <summary>The arguments: the model unless an option names it, then the output unless an option names it.</summary>
    private List<string> Places(CommandResult result) =>
    [
        .. new[] { result.GetResult(_model.Argument), result.GetResult(_place) }
            .OfType<ArgumentResult>().SelectMany(place => place.Tokens).Select(token => token.Value),
    ];

    private static string NameOf(SafetensorsDtype dtype) => dtype switch
    {
        SafetensorsDtype.F32 => "fp32",
        SafetensorsDtype.F16 => "fp16",
        SafetensorsDtype.BF16 => "bf16",
        _ => dtype.ToName(),
    };
}
