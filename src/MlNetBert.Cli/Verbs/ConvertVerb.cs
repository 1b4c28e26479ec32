using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Conversion;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Cli.Verbs;

/// <summary>Writes a model in another form.</summary>
internal sealed class ConvertVerb : Verb
{
    private readonly Argument<string> _model = Inputs.ModelArgument();
    private readonly Argument<string> _output =
        new("OUTPUT") { Description = "A name that ends with .zip is an ML.NET zip, another one a Hugging Face directory." };
    private readonly Option<string> _revision = Inputs.Revision();
    private readonly Opening _opening = new();
    private readonly Option<string?> _dtype =
        new Option<string?>("--dtype") { Description = "Type of the weights. Default: as they are." }.OneOf("fp32", "fp16", "bf16");

    public ConvertVerb()
        : base("convert", "Write a model as a Hugging Face directory or as an ML.NET zip.") =>
            Takes([_model, _output, _revision, .. _opening.Options, _dtype]);

    public override IReadOnlyList<string> Examples { get; } =
    [
        "convert google-bert/bert-base-uncased bert.zip",
        "convert issues.zip out/",
        "convert out/ small/ --dtype bf16 --json",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        using var source = Inputs.FindModel(arguments.GetRequiredValue(_model), arguments.GetRequiredValue(_revision), session);
        SafetensorsDtype? dtype = arguments.GetValue(_dtype) switch
        {
            "fp32" => SafetensorsDtype.F32,
            "fp16" => SafetensorsDtype.F16,
            "bf16" => SafetensorsDtype.BF16,
            _ => null,
        };
        var result = ModelConversion.Convert(
            source, arguments.GetRequiredValue(_output), dtype, _opening.Of(arguments), session.CancellationToken);
        foreach (var warning in result.Warnings)
            session.Say("Warning: " + warning);
        session.Result(
            new
            {
                result.Output,
                result.Kind,
                Dtype = string.Join(", ", result.Dtypes.Select(NameOf)),
                result.Files,
                Bytes = result.Files.Sum(file => file.Bytes),
            },
            screen => screen.Facts(
            [
                ("written to", result.Output),
                ("dtype", string.Join(", ", result.Dtypes.Select(NameOf))),
                .. result.Files.Select(file => (file.Name, (string?)(Tables.Count(file.Bytes) + " bytes"))),
            ]));
        return ExitCodes.Done;
    }

    private static string NameOf(SafetensorsDtype dtype) => dtype switch
    {
        SafetensorsDtype.F32 => "fp32",
        SafetensorsDtype.F16 => "fp16",
        SafetensorsDtype.BF16 => "bf16",
        _ => dtype.ToName(),
    };
}
