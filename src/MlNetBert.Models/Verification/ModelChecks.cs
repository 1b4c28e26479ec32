using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>
/// Whole models: against references, a text alone against the same in a batch, and training with kernels against training without.
/// </summary>
internal static class ModelChecks
{
    private const double Rounding = 1e-4;
    private const double GradientRounding = 1e-3;
    private const double NarrowRounding = 0.05;
    private const int Words = 157;
    private const int Length = 23;

    /// <summary>A reference's outputs and gradients, and its logits where weights are laid out and in bfloat16.</summary>
    public static IEnumerable<NumberCheck> AgainstReference(string name, ModelArchitecture architecture, string resource)
    {
        using var reference = ReferenceModel.Open(architecture.GetType().Assembly, resource);
        var verified = ReferenceVerifier.Verify(reference.Config, reference.Weights, reference.Reference);
        yield return new NumberCheck($"{name} forward", verified.LargestOutputDifference, Rounding);
        yield return new NumberCheck($"{name} backward", verified.LargestRelativeGradientDifference ?? double.NaN, GradientRounding);
        using var model = architecture.Load(architecture.VocabularyHead, reference.Config, reference.Weights, out _);
        yield return new NumberCheck($"{name} forward, bf16", Compare(Differences.Relative, ComputePrecision.BFloat16), NarrowRounding);
        model.PrepareForInference();
        yield return new NumberCheck($"{name} prepared", Compare(Differences.Largest, ComputePrecision.Float32), Rounding);
        yield return new NumberCheck($"{name} prepared, bf16", Compare(Differences.Relative, ComputePrecision.BFloat16), NarrowRounding);

        double Compare(Func<Tensor, Tensor, double> difference, ComputePrecision precision)
        {
            using var guard = no_grad();
            using var scope = NewDisposeScope();
            var inputs = new ReferenceInputs(reference.Reference);
            model.Precision = precision;
            var logits = model.RunReference(inputs).Named["logits"];                         // [batch, sequence or queries, vocabulary]
            var expected = Weights.ReadTensor(reference.Reference, "output.logits");
            var seen = inputs.Find("attention_mask") is { } mask && mask.shape.SequenceEqual(logits.shape[..2])
                ? mask.ne(0) : ones([.. logits.shape[..2]], ScalarType.Bool);
            return difference(logits[seen], expected[seen]);
        }
    }

    /// <summary>
    /// Texts one by one, whose weights are laid out, and together in a batch that is large, padded, and has its padding taken out.
    /// </summary>
    public static NumberCheck AloneAndTogether(ModelArchitecture architecture, ComputePrecision precision)
    {
        const int Texts = 24;
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var model = Model(architecture, width: 48);
        model.Precision = precision;
        model.PrepareForInference();
        var ids = Ids(Texts);
        var lengths = Enumerable.Range(0, Texts).Select(i => 1 + (i * 7 % Length)).ToList();
        var mask =
            arange(Length).unsqueeze(0).lt(tensor(lengths.Select(length => (long)length).ToArray()).unsqueeze(1)).to(ScalarType.Int64);
        var together = CheckedModel.Logits(model, new(ids, mask));                                         // [texts, length, vocabulary]
        var worst = 0.0;
        for (var i = 0; i < Texts; i++)
        {
            var alone = CheckedModel.Logits(model, new(ids[i..(i + 1), ..lengths[i]]));
            worst = Differences.Worse(worst, Differences.Relative(alone[0], together[i, ..lengths[i]]));
        }

        return new NumberCheck($"{architecture.ModelType} batch{NumberChecks.Suffix(precision)}", worst,
            precision == ComputePrecision.BFloat16 ? NarrowRounding : Rounding);
    }

    /// <summary>Loss and gradients of a step with kernels between products, and without in float32.</summary>
    /// <param name="architecture">The architecture.</param>
    /// <param name="width">Numbers of a hidden state: kernels take eight or sixteen at once, the more where these divide by it.</param>
    /// <param name="precision">The number format of the step with kernels.</param>
    public static NumberCheck Kernels(ModelArchitecture architecture, int width, ComputePrecision precision)
    {
        using var scope = NewDisposeScope();
        using var plain = Model(architecture, width);
        using var fused = Model(architecture, width);
        fused.TrainsWithKernels = true;
        fused.Precision = precision;
        var worst = Differences.Relative(Step(fused), Step(plain));
        foreach (var (expected, found) in plain.parameters().Zip(fused.parameters()))
        {
            if (expected.grad is { } gradient)
                worst = Differences.Worse(worst, found.grad is { } other ? NormOf(other - gradient) / NormOf(gradient) : double.NaN);
        }

        var tolerance = precision == ComputePrecision.BFloat16 ? NarrowRounding : GradientRounding;
        return new NumberCheck(
            $"{architecture.ModelType} kernels, {NumberChecks.LanesOf(width)} lanes{NumberChecks.Suffix(precision)}", worst, tolerance);
    }

    private static double NormOf(Tensor tensor)
    {
        using var guard = no_grad();
        return tensor.to(ScalarType.Float64).norm().item<double>();
    }

    private static Tensor Step(LanguageModelModule model)
    {
        model.train();
        var loss = CheckedModel.LossSum(model, Ids(texts: 6));
        if (model.TrainsWithKernels && CheckedModel.KeptPasses(model) < 2)
            throw new InvalidOperationException("The layers take no kernels.");
        model.Backward(loss);
        return loss;
    }

    private static LanguageModelModule Model(ModelArchitecture architecture, int width)
    {
        var config = architecture.CreateConfig(new ModelSize("check", 3, width, width % 16 == 0 ? width / 16 : width / 8), Words, Length,
            new ModelTokenIds(0, 1, 2));
        return architecture.Create(architecture.VocabularyHead, config.WithDropout(0), seed: 5);
    }

    // Any ids will do, but not the same in every text.
    private static Tensor Ids(int texts) =>
        arange(texts * Length, ScalarType.Int64).mul(37).remainder(Words - 5).add(5).view(texts, Length);
}
