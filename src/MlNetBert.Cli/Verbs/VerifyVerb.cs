using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Models;
using MlNetBert.Models.Verification;
using MlNetBert.Training.Loop;
using TorchSharp;

namespace MlNetBert.Cli.Verbs;

/// <summary>Holds a model against reference results.</summary>
internal sealed class VerifyVerb : Verb
{
    private const double DefaultTolerance = 1e-4;
    private const double GradientFactor = 10;

    private readonly ModelInput _model = new();
    private readonly Option<string> _reference = new("--reference")
    {
        Description = "safetensors with input.*, output.*, loss and grad.*, made with Hugging Face.",
        HelpName = "FILE",
        Required = true,
    };
    private readonly Option<double> _tolerance = new("--tolerance")
    {
        Description = "How far outputs may be from the reference's; gradients, by the largest entry of their tensor, ten times that. "
            + "A reference that was computed in float32 may need 1e-3.",
        HelpName = "X",
        DefaultValueFactory = _ => DefaultTolerance,
    };
    private readonly Option<string?> _precision = Inputs.Precision();

    public VerifyVerb()
        : base("verify",
            "Run a model on a reference's inputs and compare outputs, loss and gradients: is this port right for your checkpoint?")
    {
        Takes([.. _model.All, _reference, _tolerance, _precision]);
        _model.RequireOnce(this);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "verify out/ --reference reference.safetensors",
        "verify google-bert/bert-base-uncased --reference reference.safetensors --json",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var tolerance = arguments.GetRequiredValue(_tolerance);
        if (tolerance is not (> 0 and < double.PositiveInfinity))
            throw new UsageException(FormattableString.Invariant($"--tolerance must be a number above 0, found {tolerance}."));
        using var source = _model.Find(arguments, session);
        ComputePrecision precision = TrainingDevice.Resolve(Inputs.ToPrecision(arguments.GetRequiredValue(_precision)!), torch.CPU);
        var result = ReferenceVerifier.Verify(
            source.GetDirectory(session.CancellationToken), arguments.GetRequiredValue(_reference), precision, session.CancellationToken);
        foreach (var (name, taken) in result.Weights.Contradicting)
            session.Say($"Warning: the model holds '{name}' with other values than '{taken}', which is used instead.");
        foreach (var name in result.Weights.Untied)
            session.Say(
                $"Warning: the model holds '{name}' with other values than the word embeddings: both are kept, as in transformers.");
        if (result.Weights.UnexpectedKeys.Count > 0)
            session.Say($"Warning: the model holds tensors that are not used: {string.Join(", ", result.Weights.UnexpectedKeys)}.");
        if (result.Weights.MissingKeys.Count > 0)
            session.Say(
                "Warning: the model lacks weights of its head, which are drawn at random: "
                    + $"{string.Join(", ", result.Weights.MissingKeys)}.");
        if (result.Remark is { } remark)
            session.Say($"Note: {remark}");
        var isRight = result.IsWithin(tolerance, GradientFactor * tolerance);
        session.Result(
            new
            {
                result.Loss,
                result.LargestOutputDifference,
                result.LargestRelativeGradientDifference,
                Compared = Tensors(result.Compared),
                Missing = Tensors(result.Missing),
                result.WorstOutput,
                result.WorstGradient,
            },
            screen => screen.Facts(
            [
                ("loss", result.Loss is { } loss ? Tables.Number(loss, "0.000000") : null),
                ("outputs differ by", $"{Tables.Number(result.LargestOutputDifference, "0.0e+0")} at most ({result.WorstOutput})"),
                ("gradients differ by",
                    result.LargestRelativeGradientDifference is { } difference
                        ? $"{Tables.Number(difference, "0.0e+0")} of their largest at most ({result.WorstGradient})"
                        : null),
                ("compared", $"{result.Compared.Count} tensors"),
                ("missing", result.Missing.Count == 0 ? "nothing" : string.Join(", ", result.Missing)),
            ]));
        if (isRight)
            return ExitCodes.Done;
        session.Say(
            $"mlnet-bert verify: the model differs from the reference: expected every tensor, outputs within {tolerance} and "
                + $"gradients within {GradientFactor * tolerance}; found "
            + $"{result.LargestOutputDifference:0.0e+0}, "
                + $"{(result.LargestRelativeGradientDifference is { } found ? $"{found:0.0e+0}" : "none")} and {result.Missing.Count} "
                + "missing. Is the reference of this checkpoint?");
        return ExitCodes.Failed;
    }

    private static List<string> Tensors(IReadOnlyList<string> keys) => [.. keys.Where(key => key != "loss")];
}
