using MlNetBert.Models.Kernels.Vectors;

namespace MlNetBert.Models.Tests.Kernels;

public sealed unsafe class LanesTests
{
    [Fact]
    public void Reciprocal_OfEight_IsOneOverTheNumber() => AssertReciprocals<EightLanes>();

    [Fact]
    public void Reciprocal_OfSixteen_IsOneOverTheNumber() => AssertReciprocals<SixteenLanes>();

    // From 2⁻¹²⁰ to 2¹²⁰, with other digits in each.
    private static void AssertReciprocals<V>()
        where V : struct, ILanes<V>
    {
        var numbers = stackalloc float[V.Count];
        var results = stackalloc float[V.Count];
        for (var exponent = -120; exponent <= 120; exponent++)
        {
            for (var i = 0; i < V.Count; i++)
                numbers[i] = MathF.ScaleB(1 + (((37 * i) + exponent + 120) % 512 / 512f), exponent) * (i % 2 == 0 ? 1 : -1);
            V.Reciprocal(V.Load(numbers)).Store(results);
            for (var i = 0; i < V.Count; i++)
                Assert.InRange(results[i] * (double)numbers[i], 1 - 2.4e-7, 1 + 2.4e-7); // two units of the last place
        }
    }
}
