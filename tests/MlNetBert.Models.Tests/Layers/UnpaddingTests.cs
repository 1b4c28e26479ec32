using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Layers;

public sealed class UnpaddingTests
{
    private static readonly int[] Lengths = [9, 3, 1];

    [Fact]
    public void Of_LittlePaddingOrNone_IsNull()
    {
        using var scope = NewDisposeScope();

        Assert.Null(Unpadding.Of(null));
        Assert.Null(Unpadding.Of(Mask([10, 10, 10], 10)));
        Assert.Null(Unpadding.Of(Mask([10, 10, 8], 10)));
        Assert.NotNull(Unpadding.Of(Mask([10, 10, 6], 10)));
    }

    [Fact]
    public void Put_OfWhatWasTaken_IsTheBatchWithZerosWherePaddingWas()
    {
        using var scope = NewDisposeScope();
        var mask = Mask(Lengths, 9);
        var batch = arange(1, 1 + (3 * 9 * 2), float32).view(3, 9, 2);
        var unpadding = Unpadding.Of(mask)!;

        var taken = unpadding.Take(batch);

        Assert.Equal([13, 2], taken.shape);
        Assert.Equal(batch.mul(mask.unsqueeze(-1)).data<float>().ToArray(), unpadding.Put(taken).data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Forward_MostlyPadding_GivesEachTextWhatItHasAlone(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Tiny(architecture);
        model.eval();
        var (ids, mask) = (Ids(), Mask(Lengths, 9));
        Assert.NotNull(Unpadding.Of(mask));

        var together = Step(model, ids, mask);

        var alone = Lengths.Select((length, row) => Step(model, ids[row..(row + 1), ..length], mask: null)).ToList();
        for (var row = 0; row < Lengths.Length; row++)
        {
            var hidden = together.Hidden[row, ..Lengths[row]];
            Assert.True(hidden.allclose(alone[row].Hidden[0], 1e-5, 1e-6));
            Assert.All(together.Hidden[row, Lengths[row]..].flatten().data<float>().ToArray(), value => Assert.True(float.IsFinite(value)));
        }

        // Relative to the whole gradient, whose large addends leave rounding in its small entries, too: of the order of 2e-7.
        foreach (var (name, gradient) in together.Gradients)
        {
            var expected = alone.Select(a => a.Gradients[name]).Aggregate((sum, next) => sum + next);
            var (difference, norm) = ((gradient - expected).norm().item<float>(), expected.norm().item<float>());
            Assert.True(difference <= 2e-6 * norm, $"{name}: {difference} of {norm}");
        }
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Forward_MostlyPaddingInBFloat16_GivesEachTextWhatItHasAlone(string architecture)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TestModels.Tiny(architecture);
        model.eval();
        var (ids, mask) = (Ids(), Mask(Lengths, 9));

        var together = model.Backbone.forward(new(ids, mask), precision: ComputePrecision.BFloat16).LastHiddenState;

        for (var row = 0; row < Lengths.Length; row++)
        {
            var alone = model.Backbone.forward(new(ids[row..(row + 1), ..Lengths[row]]), precision: ComputePrecision.BFloat16).LastHiddenState;
            Assert.True(together[row, ..Lengths[row]].allclose(alone[0], 0.02, 0.03), $"row {row}");
        }
    }

    /// <summary>Hidden states [batch, sequence, hidden] and the gradients of the sum of their weighted squares.</summary>
    private static (Tensor Hidden, Dictionary<string, Tensor> Gradients) Step(VocabularyModel model, Tensor ids, Tensor? mask)
    {
        var hidden = model.Backbone.forward(new(ids, mask)).LastHiddenState;
        var counted = mask is null ? hidden : hidden * mask.unsqueeze(-1);
        var weights = arange(1, 1 + ids.shape[1], float32).view(1, -1, 1);
        (counted.pow(2) * weights * arange(32, dtype: float32).sin()).sum().backward();
        var gradients = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, parameter) in model.Backbone.named_parameters())
        {
            if (parameter.grad is { } gradient)
                gradients[name] = gradient.clone();
            parameter.grad = null;
        }

        return (hidden.detach(), gradients);
    }

    private static Tensor Ids() => arange(27, int64).mul(7).remainder(45).add(4).view(3, 9);

    private static Tensor Mask(int[] lengths, int sequence) =>
        tensor(lengths.SelectMany(length => Enumerable.Range(0, sequence).Select(i => i < length ? 1L : 0)).ToArray()).view(lengths.Length, sequence);
}
