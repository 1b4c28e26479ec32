using MlNetBert.Models;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Processors.Tests;

/// <summary>Whole models of random widths on batches of random sizes and lengths.</summary>
internal static class ModelProperties
{
    private const int Trials = 4;

    // A gradient that is so small a part of the whole is what is left of addends that cancel each other, whose rounding stays: those of
    // XLNet's distances, as softmax takes away what all keys have in common (in float32 throughout their attention, they are off as much).
    private const double WhatCancels = 5e-7;

    public static IEnumerable<(string What, double Difference, double Tolerance)> Compare(Random random)
    {
        foreach (var architecture in ModelArchitecture.All)
        {
            for (var trial = 0; trial < Trials; trial++)
            {
                // Kernels want inner rows of whole vectors; without them any width will do.
                var (heads, size) = (random.Next(1, 4), architecture == ModelArchitecture.ModernBert ? 16 : 8 * random.Next(1, 4));
                var (inner, words, longest, texts) = (random.Next(9, 300), random.Next(40, 300), random.Next(2, 40), random.Next(2, 24));
                var shape = $"{architecture.ModelType} {heads * size}/{inner}, {words} words, {texts} texts of at most {longest} tokens";
                using var model = Model(architecture, heads, size, inner, words, longest);
                var lengths = Enumerable.Range(0, texts).Select(i => i == 0 ? longest : random.Next(1, longest + 1)).ToArray();
                foreach (var (what, difference, tolerance) in Inference(model, lengths, words))
                    yield return ($"{shape}: {what}", difference, tolerance);
                var whole = (inner + 7) / 8 * 8;
                foreach (var (precision, tolerance) in new[] { (ComputePrecision.Float32, 1e-3), (ComputePrecision.BFloat16, 0.08) })
                    yield return ($"{shape}, inner {whole}: gradients with kernels in {precision}", Gradients(() => Model(architecture, heads, size, whole, words, longest), texts, words, longest, precision), tolerance);
            }
        }
    }

    private static List<(string What, double Difference, double Tolerance)> Inference(LanguageModelModule model, int[] lengths, int words)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var longest = lengths[0];
        var ids = Ids(lengths.Length, longest, words);
        var mask = arange(longest).unsqueeze(0).lt(tensor(lengths.Select(length => (long)length).ToArray()).unsqueeze(1)).to(ScalarType.Int64);
        var seen = mask.ne(0);
        model.eval();
        var plain = CheckedModel.Logits(model, new(ids, mask));                                                // [texts, longest, words]
        // A pass that keeps all hidden states leaves padding in.
        var padded = CheckedModel.Logits(model, new(ids, mask), withPadding: true);
        model.Precision = ComputePrecision.BFloat16;
        var narrow = CheckedModel.Logits(model, new(ids, mask));
        model.Precision = ComputePrecision.Float32;
        model.PrepareForInference();
        var alone = 0.0;
        for (var i = 0; i < lengths.Length; i++)
            alone = Differences.Worse(alone, Differences.Relative(CheckedModel.Logits(model, new(ids[i..(i + 1), ..lengths[i]]))[0], plain[i, ..lengths[i]]));
        return
        [
            ("padding taken out", Differences.Relative(plain[seen], padded[seen]), 1e-5), ("bfloat16", Differences.Relative(narrow[seen], plain[seen]), 0.08),
            ("prepared", Differences.Relative(CheckedModel.Logits(model, new(ids, mask))[seen], plain[seen]), 1e-5), ("a text alone", alone, 1e-5),
        ];
    }

    private static double Gradients(Func<LanguageModelModule> create, int texts, int words, int length, ComputePrecision precision)
    {
        using var scope = NewDisposeScope();
        using var plain = create();
        using var fused = create();
        (fused.TrainsWithKernels, fused.Precision) = (true, precision);
        var worst = Differences.Relative(Step(fused), Step(plain));
        var learning = plain.parameters().Zip(fused.parameters()).Where(pair => pair.First.grad is not null).ToList();
        var whole = Math.Sqrt(learning.Sum(pair => Math.Pow(pair.First.grad!.norm().item<float>(), 2)));
        foreach (var (expected, found) in learning)
        {
            var (gradient, norm) = (expected.grad!, expected.grad!.norm().item<float>());
            if (norm > 1e-6f)
            {
                worst = Differences.Worse(
                    worst, found.grad is { } other ? (other - gradient).norm().item<float>() / Math.Max(norm, WhatCancels * whole) : double.NaN);
            }
        }

        return worst;

        Tensor Step(LanguageModelModule model)
        {
            model.train();
            var loss = CheckedModel.LossSum(model, Ids(texts, length, words));
            model.Backward(loss);
            return loss;
        }
    }

    private static LanguageModelModule Model(ModelArchitecture architecture, int heads, int size, int inner, int words, int length)
    {
        var sized = architecture.CreateConfig(new ModelSize("random", 2, heads * size, heads), words, length, new ModelTokenIds(0, 1, 2));
        // GPT's is what its hidden states' is.
        var config = sized with { IntermediateSize = inner } is var other && !other.Validate().Any() ? other : sized;
        return architecture.Create(architecture.VocabularyHead, config.WithDropout(0), seed: 3);
    }

    private static Tensor Ids(int texts, int length, int words) => arange(texts * length, ScalarType.Int64).mul(37).remainder(words - 5).add(5).view(texts, length);
}
