using System.Runtime.InteropServices;
using CsCheck;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Tests.Layers;

public sealed class MaskGeneratorTests
{
    [Fact]
    public void Fill_Probability_IsTheShareOfZerosAndTheMeanStaysOne()
    {
        Gen.Select(Gen.Double[0.01, 0.9], Gen.ULong).Sample((probability, seed) =>
        {
            const int Count = 1 << 16;
            var mask = new float[Count];
            MaskGenerator.Fill(MemoryMarshal.AsBytes(mask.AsSpan()), bfloat16: false, probability, seed, 0);

            // Six standard deviations of a binomial distribution, and the rounding of the probability.
            var expected = Math.Round(probability * 65536) / 65536;
            var zeros = mask.Count(value => value == 0);
            Assert.InRange(Math.Abs(zeros - (expected * Count)), 0, 6 * Math.Sqrt(Count * expected * (1 - expected)));
            Assert.All(mask.Where(value => value != 0), value => Assert.Equal(1 / (1 - expected), value, 1e-5));
        }, iter: 50);
    }

    [Fact]
    public void Fill_BFloat16_KeepsTheSameElementsAsFloat32()
    {
        Gen.Select(Gen.Int[1, 1000], Gen.ULong, Gen.ULong[0, 100]).Sample((count, seed, stream) =>
        {
            var wide = new float[count];
            var narrow = new ushort[count];
            MaskGenerator.Fill(MemoryMarshal.AsBytes(wide.AsSpan()), bfloat16: false, 0.3, seed, stream);
            MaskGenerator.Fill(MemoryMarshal.AsBytes(narrow.AsSpan()), bfloat16: true, 0.3, seed, stream);
            Assert.Equal(wide.Select(value => value != 0), narrow.Select(value => value != 0));
        }, iter: 200);
    }

    [Fact]
    public void Fill_LargeMaskInParallel_BeginsAsASmallOneDoes()
    {
        var large = new ushort[(1 << 19) + 5];
        var small = new ushort[1000];
        MaskGenerator.Fill(MemoryMarshal.AsBytes(large.AsSpan()), bfloat16: true, 0.1, 1, 2);
        MaskGenerator.Fill(MemoryMarshal.AsBytes(small.AsSpan()), bfloat16: true, 0.1, 1, 2);

        Assert.Equal(small, large[..1000]);
        Assert.NotEqual(small, large[(1 << 18)..((1 << 18) + 1000)]);
    }

    [Fact]
    public void Fill_OtherSeedOrStream_GivesAnIndependentMask()
    {
        var masks = new[] { (1UL, 0UL), (1UL, 1UL), (2UL, 0UL) }.Select(key =>
        {
            var mask = new ushort[10_000];
            MaskGenerator.Fill(MemoryMarshal.AsBytes(mask.AsSpan()), bfloat16: true, 0.5, key.Item1, key.Item2);
            return mask;
        }).ToList();

        // Half of the elements agree by chance: 5,000 ± 50.
        foreach (var (first, second) in new[] { (0, 1), (0, 2), (1, 2) })
            Assert.InRange(masks[first].Zip(masks[second]).Count(pair => pair.First == pair.Second), 4700, 5300);
    }
}
