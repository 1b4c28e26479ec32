using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Kernels;

/// <summary>The kernels against libtorch's operations, and its way back through them, in float32.</summary>
[Collection(nameof(FusedKernelsTests))]
[CollectionDefinition(nameof(FusedKernelsTests), DisableParallelization = true)]
public sealed class FusedKernelsTests
{
    [Theory]
    [InlineData(PlaceKind.Warps, 7, 64, 0.0, true)]    // a line of one warp, partly idle
    [InlineData(PlaceKind.Warps, 5, 256, 0.1, true)]   // a whole warp
    [InlineData(PlaceKind.Warps, 6, 384, 0.25, false)] // two warps, the second partly idle
    [InlineData(PlaceKind.Warps, 3, 768, 0.1, true)]   // three warps
    [InlineData(PlaceKind.Vectors, 7, 64, 0.0, true)]
    [InlineData(PlaceKind.LongVectors, 7, 64, 0.0, true)]
    [InlineData(PlaceKind.Vectors, 201, 264, 0.1, false)] // every second row begins amid a mask's sixteen
    [InlineData(PlaceKind.WideVectors, 333, 768, 0.1, true)]
    [InlineData(PlaceKind.LongWideVectors, 33, 768, 0.1, true)]
    [InlineData(PlaceKind.WideVectors, 50, 1000, 0.0, false)]
    [InlineData(PlaceKind.Gpu, 333, 768, 0.1, true)]
    [InlineData(PlaceKind.Gpu, 20_000, 768, 0.0, false)]
    [InlineData(PlaceKind.Gpu, 77, 384, 0.2, true)]
    [InlineData(PlaceKind.Gpu, 500, 256, 0.1, false)]
    [InlineData(PlaceKind.Gpu, 64, 4096, 0.1, true)]
    public void AddAndNormalize_ThereAndBack_GivesWhatLibtorchGives(PlaceKind kind, int rows, int columns, double dropout, bool twoGradients)
    {
        using var place = new KernelPlace(kind);
        using var scope = NewDisposeScope();
        using var norm = NormOf(Numbers.Normal(1, columns).add(1), Numbers.Normal(2, columns));
        var (update, residual, bias) = (Numbers.Normal(3, rows, columns), Numbers.Normal(4, rows, columns), Numbers.Normal(5, columns));
        var (gradient, second) = (Numbers.Normal(6, rows, columns), Numbers.Normal(7, rows, columns));
        var leaves = Array.ConvertAll([update, residual, bias], leaf => leaf.detach().requires_grad_());
        var expected = norm.Forward(leaves[1] + ((leaves[0] + leaves[2]) * Mask(rows, columns, dropout)));
        expected.backward([twoGradients ? gradient + second : gradient]);

        using var guard = no_grad();
        using var there = NormOf(norm.Scale, norm.Offset!);
        there.to(place.Device);
        var key = MaskGenerator.Key(dropout, 11, 3);
        var (wideBias, narrowUpdate, narrowResidual) = (bias.to(place.Device), place.Narrow(update), place.Narrow(residual));
        var (output, means, reciprocals) = place.Kernels.AddAndNormalize(narrowUpdate, narrowResidual, wideBias, there, key);
        var (ofUpdate, ofResidual, ofColumns) = place.Kernels.AddAndNormalizeBackward(
            place.Narrow(gradient), twoGradients ? place.Narrow(second) : null, narrowUpdate, narrowResidual, wideBias, there, means, reciprocals, key);

        AssertNear(expected, output, place.Rounding);
        AssertNear(leaves[0].grad!, ofUpdate, place.Rounding);
        AssertNear(leaves[1].grad!, ofResidual, place.Rounding);
        AssertNear(norm.Scale.grad!, ofColumns[0], 1e-4);
        AssertNear(norm.Offset!.grad!, ofColumns[1], 1e-4);
        AssertNear(leaves[2].grad!, ofColumns[2], 1e-4);
    }

    [Theory]
    [InlineData(PlaceKind.Warps, 9, 64)]
    [InlineData(PlaceKind.Warps, 5, 320)]
    [InlineData(PlaceKind.Vectors, 60, 328)]
    [InlineData(PlaceKind.LongVectors, 60, 336)]
    [InlineData(PlaceKind.WideVectors, 60, 328)]
    [InlineData(PlaceKind.Gpu, 301, 3072)]
    [InlineData(PlaceKind.Gpu, 40, 4096)]
    public void Gelu_ThereAndBack_GivesWhatLibtorchGives(PlaceKind kind, int rows, int columns)
    {
        using var place = new KernelPlace(kind);
        using var scope = NewDisposeScope();
        var input = linspace(-12, 12, rows * columns).view(rows, columns).to(ScalarType.BFloat16);
        var bias = linspace(-0.5, 0.5, columns);
        var gradient = linspace(1, 2, rows * columns).view(rows, columns).to(ScalarType.BFloat16);
        var leaves = Array.ConvertAll([input, bias], leaf => leaf.to(ScalarType.Float32).detach().requires_grad_());
        var expected = nn.functional.gelu(leaves[0].add(leaves[1]));
        expected.backward([gradient.to(ScalarType.Float32)]);

        using var guard = no_grad();
        var (taken, back) = (place.Narrow(input), place.Narrow(gradient));
        var output = place.Kernels.Gelu(taken, bias.to(place.Device));
        var ofBias = place.Kernels.GeluBackward(back, taken, bias.to(place.Device));

        AssertAllNear(expected, output);
        AssertAllNear(leaves[0].grad!, back, place.SlopeRoundings);
        AssertNear(leaves[1].grad!, ofBias, place.SlopeRoundings * place.SlopeRoundings * 5e-4);
    }

    [Theory]
    [InlineData(PlaceKind.Warps, 5, 256, true)]
    [InlineData(PlaceKind.Warps, 6, 384, false)]
    [InlineData(PlaceKind.Vectors, 70, 256, true)]
    [InlineData(PlaceKind.LongVectors, 70, 256, true)]
    [InlineData(PlaceKind.WideVectors, 70, 264, false)]
    [InlineData(PlaceKind.Gpu, 1001, 768, false)]
    [InlineData(PlaceKind.Gpu, 70, 4096, true)]
    public void AddToStreamAndNormalize_ThereAndBack_GivesWhatLibtorchGives(PlaceKind kind, int rows, int columns, bool withOffset)
    {
        using var place = new KernelPlace(kind);
        using var scope = NewDisposeScope();
        using var norm = NormOf(Numbers.Normal(1, columns).add(1), withOffset ? Numbers.Normal(2, columns) : null);
        var (update, stream, gradient, above) = (Numbers.Normal(3, rows, columns), Numbers.Normal(9, rows, columns), Numbers.Normal(4, rows, columns), Numbers.Normal(10, rows, columns));
        var leaves = Array.ConvertAll([update, stream], leaf => leaf.detach().requires_grad_());
        var sum = leaves[1] + leaves[0];
        var expected = norm.Forward(sum);
        autograd.backward([sum, expected], [withOffset ? above : zeros_like(above), gradient]);

        using var guard = no_grad();
        using var there = NormOf(norm.Scale, norm.Offset);
        there.to(place.Device);
        var (added, output, means, reciprocals) = place.Kernels.AddToStreamAndNormalize(place.Narrow(update), stream.to(place.Device), there);
        var (ofUpdate, ofStream, ofColumns) = place.Kernels.AddToStreamAndNormalizeBackward(place.Narrow(gradient), withOffset ? above.to(place.Device) : null, added, there, means, reciprocals);

        AssertNear(sum, added, 1e-6);
        AssertNear(expected, output, place.Rounding);
        AssertNear(leaves[0].grad!, ofUpdate, place.Rounding);
        AssertNear(leaves[1].grad!, ofStream, 1e-5);
        AssertNear(norm.Scale.grad!, ofColumns[0], 1e-4);
        if (withOffset)
            AssertNear(norm.Offset!.grad!, ofColumns[1], 1e-4);
    }

    [Theory]
    [InlineData(PlaceKind.Warps, 5, 320)]
    [InlineData(PlaceKind.Vectors, 5, 320)]
    [InlineData(PlaceKind.Vectors, 60, 683)] // no multiple of eight
    [InlineData(PlaceKind.LongVectors, 60, 683)]
    [InlineData(PlaceKind.WideVectors, 60, 683)]
    [InlineData(PlaceKind.LongWideVectors, 60, 683)]
    [InlineData(PlaceKind.Gpu, 301, 2048)]
    public void GatedGelu_ThereAndBack_GivesWhatLibtorchGives(PlaceKind kind, int rows, int columns)
    {
        using var place = new KernelPlace(kind);
        using var scope = NewDisposeScope();
        var (input, gradient) = (Numbers.Normal(1, rows, 2 * columns).mul(3).to(ScalarType.BFloat16), Numbers.Normal(2, rows, columns).to(ScalarType.BFloat16));
        var leaf = input.to(ScalarType.Float32).requires_grad_();
        var halves = leaf.chunk(2, -1);
        var expected = nn.functional.gelu(halves[0]).mul(halves[1]);
        expected.backward([gradient.to(ScalarType.Float32)]);

        using var guard = no_grad();
        var taken = place.Narrow(input);
        AssertAllNear(expected, place.Kernels.GatedGelu(taken));
        AssertAllNear(leaf.grad!, place.Kernels.GatedGeluBackward(place.Narrow(gradient), taken), place.SlopeRoundings);
    }

    [Theory]
    [InlineData(PlaceKind.Warps)]
    [InlineData(PlaceKind.Gpu)]
    public void Turn_ThereAndBack_GivesWhatTheTableGivesAndTheStart(PlaceKind kind)
    {
        using var place = new KernelPlace(kind);
        using var scope = NewDisposeScope();
        const int Heads = 3;
        using var table = new RotaryTable(10_000, 32, 20);
        var start = Numbers.Normal(1, 2, 20, 3 * Heads * 32);                                        // [batch, sequence, 3 · heads · width]
        var (cosine, sine) = table.Take(20, CPU, ScalarType.Float32);
        var parts = start.view(2, 20, 3, Heads, 32).permute(2, 0, 3, 1, 4);                   // [3, batch, heads, sequence, width]
        var expected = cat([RotaryTable.Rotate(parts.narrow(0, 0, 2), cosine, sine), parts.narrow(0, 2, 1)], 0).permute(1, 3, 0, 2, 4).reshape(start.shape);

        var (turned, kernels) = (place.Narrow(start), (IRotaryKernels)place.Kernels);
        kernels.Turn(turned, cosine.to(place.Device), sine.to(place.Device), isBack: false);
        AssertNear(expected, turned, place.Rounding);
        kernels.Turn(turned, cosine.to(place.Device), sine.to(place.Device), isBack: true);
        AssertNear(start, turned, 0.01);
    }

    [Theory]
    [InlineData(PlaceKind.Warps, 3, 61)]
    [InlineData(PlaceKind.Warps, 5, 1090)]
    [InlineData(PlaceKind.Vectors, 3, 61)]
    [InlineData(PlaceKind.LongVectors, 3, 61)]
    [InlineData(PlaceKind.Vectors, 50, 1091)]
    [InlineData(PlaceKind.WideVectors, 50, 1091)]
    [InlineData(PlaceKind.LongWideVectors, 50, 1091)]
    [InlineData(PlaceKind.Gpu, 200, 30_522)]
    [InlineData(PlaceKind.Gpu, 3, 61)]
    public void VocabularyLoss_ThereAndBack_GivesWhatLibtorchGives(PlaceKind kind, int targets, int words)
    {
        using var place = new KernelPlace(kind);
        using var scope = NewDisposeScope();
        var (hidden, decoder, bias) = (Numbers.Normal(1, targets, 64), Numbers.Normal(2, words, 64), Numbers.Normal(3, words));
        var labels = tensor(Enumerable.Range(0, targets).Select(i => i == 0 ? words - 1L : i == 1 ? Losses.IgnoredLabel : i * 7919L % words).ToArray());
        var leaves = Array.ConvertAll([hidden, decoder, bias], leaf => leaf.detach().requires_grad_());
        var expected = nn.functional.cross_entropy(nn.functional.linear(leaves[0], leaves[1], leaves[2]), labels, reduction: nn.Reduction.Sum);
        (expected / targets).backward();

        var transformed = hidden.to(place.Device).requires_grad_();
        using var there = new Dense(64, words);
        using (no_grad())
        {
            there.Matrix.copy_(decoder);
            there.Offset!.copy_(bias);
        }

        there.to(place.Device);
        using var part = new FusedVocabularyLoss(transformed, there.Matrix, there.Offset, labels.to(place.Device), place.Kernels, place.Pass());
        var found = part.TakeOutput();
        (found / targets).backward();
        Assert.True(part.TryBackward());

        Assert.Equal(1, found.item<float>() / expected.item<float>(), 0.01);
        // Logits of up to 32 are off by up to a sixteenth in bfloat16, and probabilities by as much of themselves.
        AssertNear(leaves[0].grad!, transformed.grad!, 10 * place.Rounding);
        AssertNear(leaves[1].grad!, there.Matrix.grad!, 10 * place.Rounding);
        AssertNear(leaves[2].grad!, there.Offset!.grad!, 10 * place.Rounding);
    }

    private static Tensor Mask(int rows, int columns, double dropout)
    {
        var kept = new byte[rows * columns];
        MaskGenerator.Fill<byte>(kept, dropout, 11, 3);
        return tensor(kept, [rows, columns]).to(ScalarType.Float32).mul(MaskGenerator.Scale(dropout));
    }

    private static Norm NormOf(Tensor scale, Tensor? offset)
    {
        using var guard = no_grad();
        var norm = new Norm((int)scale.shape[0], 1e-12, bias: offset is not null);
        norm.Scale.copy_(scale);
        if (offset is not null)
            norm.Offset!.copy_(offset);
        return norm;
    }

    private static void AssertNear(Tensor expected, Tensor found, double tolerance)
    {
        var limit = expected.abs().max().item<float>() * tolerance;
        Assert.InRange((expected - found.to(ScalarType.Float32).cpu()).abs().max().item<float>(), 0, limit);
    }

    // Each number by itself: half a step of bfloat16 for each rounding, and what the approximation may be off by near zero.
    private static void AssertAllNear(Tensor expected, Tensor found, int roundings = 1) =>
        Assert.True((expected - found.to(ScalarType.Float32).cpu()).abs().le(expected.abs().mul(roundings / 256.0).add(1e-5)).all().item<bool>());
}
