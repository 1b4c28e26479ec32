using System.Runtime.Intrinsics;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Kernels.Vectors;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Processors.Tests;

/// <summary>Kernels equal libtorch's operations, there and on the way back, at random numbers of rows and columns; attention's are compared in whole models.</summary>
internal static class KernelProperties
{
    private const int Trials = 4;

    public static IEnumerable<(string What, double Difference, double Tolerance)> Compare(Random random)
    {
        (string Name, IFusedKernels Kernels, int Lanes, ScalarType Type)[] all =
        [
            ("8 lanes", VectorKernels<SingleFormat, EightLanes>.Shared, 8, ScalarType.Float32),
            ("8 lanes, bf16", VectorKernels<BFloat16Format, EightLanes>.Shared, 8, ScalarType.BFloat16),
            ("16 lanes", VectorKernels<SingleFormat, SixteenLanes>.Shared, 16, ScalarType.Float32),
            ("16 lanes, bf16", VectorKernels<BFloat16Format, SixteenLanes>.Shared, 16, ScalarType.BFloat16),
        ];
        foreach (var (name, kernels, lanes, type) in all.Where(each => each.Lanes == 8 || Vector512.IsHardwareAccelerated))
        {
            var (rounding, sums) = type == ScalarType.Float32 ? (2e-5, 1e-4) : (0.02, 0.02);
            for (var trial = 0; trial < Trials; trial++)
            {
                var (rows, columns) = (random.Next(1, 60), lanes * random.Next(1, 40));
                foreach (var (part, difference) in Gelu(kernels, type, rows, columns))
                    yield return ($"{name}, GELU [{rows}, {columns}], {part}", difference, sums);
                foreach (var (part, difference) in AddAndNormalize(kernels, type, rows, columns))
                    yield return ($"{name}, norm [{rows}, {columns}], {part}", difference, part is "output" ? rounding : Math.Max(sums, 5 * rounding));
                var odd = random.Next(1, 700);
                foreach (var (part, difference) in GatedGelu(kernels, type, rows, odd))
                    yield return ($"{name}, gated GELU [{rows}, {odd}], {part}", difference, rounding);
                foreach (var (part, difference) in CrossEntropy(kernels, type, rows, odd + 1))
                    yield return ($"{name}, cross entropy [{rows}, {odd + 1}], {part}", difference, sums);
                yield return ($"{name}, sums [{rows}, {odd}]", SumRows(kernels, type, rows, odd), 1e-5);
            }
        }
    }

    private static List<(string Part, double Difference)> Gelu(IFusedKernels kernels, ScalarType type, int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var (input, bias, gradient) = (Draw(1, type, rows, columns), Draw(2, ScalarType.Float32, columns), Draw(3, type, rows, columns));
        var leaves = Leaves(input, bias);
        var expected = nn.functional.gelu(leaves[0] + leaves[1]);
        expected.backward([gradient.to(ScalarType.Float32)]);
        using var guard = no_grad();
        var output = kernels.Gelu(input, bias);
        var ofBias = kernels.GeluBackward(gradient, input, bias); // the gradient's memory holds the input's
        return [("output", Differences.Relative(output, expected)), ("gradient", Differences.Relative(gradient, leaves[0].grad!)), ("bias", Differences.Relative(ofBias, leaves[1].grad!))];
    }

    private static List<(string Part, double Difference)> AddAndNormalize(IFusedKernels kernels, ScalarType type, int rows, int columns)
    {
        using var scope = NewDisposeScope();
        using var norm = new Norm(columns, 1e-5);
        using (no_grad())
        {
            norm.Scale.copy_(Draw(1, ScalarType.Float32, columns) + 1);
            norm.Offset!.copy_(Draw(2, ScalarType.Float32, columns));
        }

        var (update, residual, bias, gradient) = (Draw(3, type, rows, columns), Draw(4, type, rows, columns), Draw(5, ScalarType.Float32, columns), Draw(6, type, rows, columns));
        var leaves = Leaves(update, residual, bias);
        var expected = norm.Forward(leaves[1] + leaves[0] + leaves[2]);
        expected.backward([gradient.to(ScalarType.Float32)]);
        using var guard = no_grad();
        var (output, means, reciprocals) = kernels.AddAndNormalize(update, residual, bias, norm, default);
        var near = Differences.Relative(output, expected);
        var (_, ofResidual, ofColumns) = kernels.AddAndNormalizeBackward(gradient, null, update, residual, bias, norm, means, reciprocals, default);
        return
        [
            ("output", near), ("gradient", Differences.Relative(ofResidual, leaves[1].grad!)),
            ("scale", Differences.Relative(ofColumns[0], norm.Scale.grad!)), ("offset", Differences.Relative(ofColumns[1], norm.Offset!.grad!)), ("bias", Differences.Relative(ofColumns[2], leaves[2].grad!)),
        ];
    }

    private static List<(string Part, double Difference)> GatedGelu(IFusedKernels kernels, ScalarType type, int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var (input, gradient) = (Draw(1, type, rows, 2 * columns), Draw(2, type, rows, columns));
        var leaf = Leaves(input)[0];
        var halves = leaf.chunk(2, -1);
        var expected = nn.functional.gelu(halves[0]).mul(halves[1]);
        expected.backward([gradient.to(ScalarType.Float32)]);
        using var guard = no_grad();
        var output = kernels.GatedGelu(input);
        return [("output", Differences.Relative(output, expected)), ("gradient", Differences.Relative(kernels.GatedGeluBackward(gradient, input), leaf.grad!))];
    }

    private static List<(string Part, double Difference)> CrossEntropy(IFusedKernels kernels, ScalarType type, int rows, int words)
    {
        using var scope = NewDisposeScope();
        var (logits, offset) = (Draw(1, type, rows, words), Draw(2, ScalarType.Float32, words));
        var labels = arange(rows, ScalarType.Int64).mul(7919).remainder(words);
        var leaf = Leaves(logits)[0];
        var expected = nn.functional.cross_entropy(leaf + offset, labels, reduction: nn.Reduction.None);
        expected.sum().backward();
        using var guard = no_grad();
        var losses = kernels.CrossEntropy(logits, offset, labels); // the gradient lies where the logits were
        return [("loss", Differences.Relative(losses, expected)), ("gradient", Differences.Relative(logits, leaf.grad!))];
    }

    private static double SumRows(IFusedKernels kernels, ScalarType type, int rows, int columns)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var matrix = Draw(1, type, rows, columns);
        return Differences.Relative(kernels.SumRows(matrix), matrix.to(ScalarType.Float64).sum([0L]));
    }

    private static Tensor[] Leaves(params Tensor[] tensors) => Array.ConvertAll(tensors, each => each.to(ScalarType.Float32).clone().detach().requires_grad_());

    private static Tensor Draw(long seed, ScalarType type, params long[] shape)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return randn(shape, generator: generator).to(type);
    }
}
