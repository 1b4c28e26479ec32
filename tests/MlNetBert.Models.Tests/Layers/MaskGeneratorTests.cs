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
            var mask = new byte[Count];
            MaskGenerator.Fill<byte>(mask, probability, seed, 0);

            // Six standard deviations of a binomial distribution, and the rounding of the probability.
            var expected = Math.Round(probability * 65536) / 65536;
            var zeros = mask.Count(value => value == 0);
            Assert.InRange(Math.Abs(zeros - (expected * Count)), 0, 6 * Math.Sqrt(Count * expected * (1 - expected)));
            Assert.All(mask.Where(value => value != 0), value => Assert.Equal(1, value));
            Assert.Equal(1 / (1 - expected), MaskGenerator.Scale(probability), 1e-9);
        }, iter: 50);
    }

    [Fact]
    public void Fill_AnyLength_IsTheStartOfALongerMask()
    {
        Gen.Select(Gen.Int[1, 1000], Gen.ULong, Gen.ULong[0, 100]).Sample((count, seed, stream) =>
        {
            var shorter = new byte[count];
            var longer = new byte[1024];
            MaskGenerator.Fill<byte>(shorter, 0.3, seed, stream);
            MaskGenerator.Fill<byte>(longer, 0.3, seed, stream);
            Assert.Equal(longer[..count], shorter);
        }, iter: 200);
    }

    [Fact]
    public void Fill_NumbersInBFloat16_AreTheBytesOfTheSameMask()
    {
        var bytes = new byte[1003];
        var numbers = new ushort[1003];
        MaskGenerator.Fill<byte>(bytes, 0.3, 1, 2);
        MaskGenerator.Fill<ushort>(numbers, 0.3, 1, 2);

        Assert.Equal(bytes.Select(kept => kept == 1 ? 1f : 0f), numbers.Select(bits => BitConverter.Int32BitsToSingle(bits << 16)));
    }

    [Fact]
    public void Fill_LargeMaskInParallel_BeginsAsASmallOneDoes()
    {
        var large = new byte[(1 << 19) + 5];
        var small = new byte[1000];
        MaskGenerator.Fill<byte>(large, 0.1, 1, 2);
        MaskGenerator.Fill<byte>(small, 0.1, 1, 2);

        Assert.Equal(small, large[..1000]);
        Assert.NotEqual(small, large[(1 << 18)..((1 << 18) + 1000)]);
    }

    [Fact]
    public void Fill_OtherSeedOrStream_GivesAnIndependentMask()
    {
        var masks = new[] { (1UL, 0UL), (1UL, 1UL), (2UL, 0UL) }.Select(key =>
        {
            var mask = new byte[10_000];
            MaskGenerator.Fill<byte>(mask, 0.5, key.Item1, key.Item2);
            return mask;
        }).ToList();

        // Half of the elements agree by chance: 5,000 ± 50.
        foreach (var (first, second) in new[] { (0, 1), (0, 2), (1, 2) })
            Assert.InRange(masks[first].Zip(masks[second]).Count(pair => pair.First == pair.Second), 4700, 5300);
    }
}
