using MlNetBert.HuggingFace;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>
/// Runs a model on the inputs of a reference file and compares outputs, loss and gradients: is this port right for one's own checkpoint?
/// A reference file holds <c>input.*</c>, <c>output.*</c>, <c>loss</c> and <c>grad.*</c> tensors, made with Hugging Face's implementation.
/// </summary>
[Experimental("MLNETBERT001")]
public static class ReferenceVerifier
{
    private const string OutputPrefix = "output.";
    private const string GradientPrefix = "grad.";

    // What is smaller than this share of the largest gradient of all is zero but for rounding: a key's bias, say, which softmax takes away.
    private const double RoundingShare = 1e-6;

    /// <summary>Verifies a Hugging Face directory.</summary>
    /// <param name="modelDirectory">The directory.</param>
    /// <param name="referencePath">The reference file (safetensors).</param>
    /// <param name="precision">The precision of the model's products.</param>
    /// <param name="cancellationToken">Stops between tensors and passes.</param>
    /// <returns>The differences.</returns>
    /// <exception cref="ModelFormatException">A file is damaged, contradictory or not supported.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static VerificationResult Verify(string modelDirectory, string referencePath,
        ComputePrecision precision = ComputePrecision.Float32, CancellationToken cancellationToken = default)
    {
        var directory = ModelDirectory.Open(modelDirectory);
        using var weights = directory.OpenWeights();
        using var reference = CheckpointWeights.FromFile(referencePath);
        return Verify(ModelArchitecture.ReadConfig(directory.ConfigPath), weights, reference, precision, cancellationToken);
    }

    /// <summary>Verifies a configuration and weights from anywhere.</summary>
    /// <param name="config">The configuration; its <c>architectures</c> name the model to run.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="reference">The reference's tensors.</param>
    /// <param name="precision">The precision of the model's products.</param>
    /// <param name="cancellationToken">Stops between tensors and passes.</param>
    /// <returns>The differences.</returns>
    /// <exception cref="ModelFormatException">The files contradict each other, or ask for what is not supported.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static VerificationResult Verify(ModelConfig config, ICheckpointWeights weights, ICheckpointWeights reference,
        ComputePrecision precision = ComputePrecision.Float32, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(reference);
        weights = CancelableWeights.Of(weights, cancellationToken);
        reference = CancelableWeights.Of(reference, cancellationToken);
        using var scope = NewDisposeScope();
        var architecture = ModelArchitecture.Of(config);
        var className = config.Architectures.FirstOrDefault() ?? throw new ModelConfigFormatException(weights.Source,
            "'architectures' names no class, so it is not known which model the reference is of; add it to config.json.");
        var modelClass = architecture.FindClass(className) ?? throw new ModelConfigFormatException(weights.Source,
            $"'architectures' names '{className}', which {architecture.ModelType} does not have here.");
        using var model = architecture.Load(modelClass, config, weights, out var report);
        if (report.MissingInBackbone.Count > 0)
            throw new ModelFormatException(weights.Source,
                "lacks weights of the encoder that config.json asks for: "
                    + $"{string.Join(", ", report.MissingInBackbone.Take(8))}{(report.MissingInBackbone.Count > 8 ? ", …" : "")}. Get the "
                    + "checkpoint anew.");
        model.Precision = precision;

        var inputs = new ReferenceInputs(reference);
        cancellationToken.ThrowIfCancellationRequested();
        var outputs = model.RunReference(inputs);
        cancellationToken.ThrowIfCancellationRequested();
        if (outputs.Loss is { } loss && reference.Names.Any(name => name.StartsWith(GradientPrefix, StringComparison.Ordinal)))
            loss.backward();
        return Compare(model, reference, inputs, outputs, report);
    }

    private static VerificationResult Compare(LanguageModelModule model, ICheckpointWeights reference, ReferenceInputs inputs,
        ReferenceOutputs outputs, LoadReport report)
    {
        using var guard = no_grad();
        var found = new Comparison();
        var mask = inputs.Find("attention_mask");
        found.Missing.AddRange(inputs.Unused);
        if (reference.Contains("loss") && outputs.Loss is { } loss)
            found.Loss(Difference(loss.reshape(-1), Weights.ReadTensor(reference, "loss").reshape(-1), mask: null));
        foreach (var name in
            reference.Names.Where(name => name.StartsWith(OutputPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            if (outputs.Named.TryGetValue(name[OutputPrefix.Length..], out var actual) && SameShape(reference, name, actual.shape))
                found.Output(name, Difference(actual, Weights.ReadTensor(reference, name), mask));
            else
                found.Missing.Add(name);
        }

        var byName = model.CheckpointWeights().ToDictionary(weight => weight.Name, StringComparer.Ordinal);
        // PyTorch has one gradient of a tied weight, under either of its names.
        foreach (var tied in model.Aliases.Tied.Where(tied => tied.IsOfModel))
            byName.TryAdd(tied.Name, byName[tied.To]);
        var gradients =
            reference.Names.Where(name => name.StartsWith(GradientPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .ToDictionary(name => name, name => LargestOf(reference, name), StringComparer.Ordinal);
        foreach (var (name, largest) in gradients)
        {
            if (outputs.Loss is not null && byName.TryGetValue(name[GradientPrefix.Length..], out var weight)
                && SameShape(reference, name, weight.Shape))
                found.Gradient(name,
                    GradientDifference(weight, Weights.ReadTensor(reference, name)) / Scale(largest, gradients.Values.Max()));
            else
                found.Missing.Add(name);
        }

        return found.Result(outputs.Loss?.item<float>(), report) with { Remark = model.Backbone.ReferenceRemark };
    }

    private static bool SameShape(ICheckpointWeights reference, string name, long[] shape) =>
        reference.Describe(name).Shape.SequenceEqual(shape);

    // Positions under attention mask 0 mean nothing: outputs of [batch, sequence, …] are compared elsewhere only.
    private static double Difference(Tensor actual, Tensor expected, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var difference = actual.to(ScalarType.Float64).sub(expected.to(ScalarType.Float64)).abs();
        if (mask is not null && difference.dim() >= 2 && difference.shape[0] == mask.shape[0] && difference.shape[1] == mask.shape[1])
            difference = difference[mask.IsEqualTo(0).logical_not()];
        return difference.numel() == 0 ? 0 : difference.max().item<double>();
    }

    private static double GradientDifference(ModelWeight weight, Tensor expected)
    {
        using var scope = NewDisposeScope();
        return Difference(weight.Parameter.grad is { } whole ? weight.Slice(whole) : zeros(weight.Shape), expected, mask: null);
    }

    private static double LargestOf(ICheckpointWeights reference, string name)
    {
        using var scope = NewDisposeScope();
        return Weights.ReadTensor(reference, name).to(ScalarType.Float64).abs().max().item<double>();
    }

    private static double Scale(double largest, double largestOfAll) =>
        largest >= RoundingShare * largestOfAll && largest > 0 ? largest : largestOfAll > 0 ? largestOfAll : 1;
}
