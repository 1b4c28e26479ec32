using CsCheck;
using MlNetBert.Text.Randomness;

namespace MlNetBert.Text.Tests.Randomness;

public sealed class PhiloxTests
{
    // The known-answer vectors for philox4x32-10 that its authors publish with Random123 (kat_vectors).
    [Fact]
    public void Generate_AllZero_GivesThePublishedVector() =>
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox.Generate(0, 0, 0, 0, 0, 0));

    [Fact]
    public void Generate_AllOnes_GivesThePublishedVector() =>
        Assert.Equal(
            (0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu),
            Philox.Generate(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue));

    [Fact]
    public void Generate_DigitsOfPi_GivesThePublishedVector() =>
        Assert.Equal(
            (0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u),
            Philox.Generate(0xa4093822, 0x299f31d0, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344));

    [Fact]
    public void Single_ManyPositions_IsUniform()
    {
        var stream = new PhiloxStream(42, 1, 0);
        var buckets = new int[64];
        const int Draws = 64_000;
        for (int i = 0; i < Draws; i++)
            buckets[(int)(stream.Single(i / 128, i % 128) * buckets.Length)]++;
        double expected = (double)Draws / buckets.Length;
        double chiSquare = buckets.Sum(count => (count - expected) * (count - expected) / expected);
        Assert.InRange(chiSquare, 25, 115); // 63 degrees of freedom: outside one time in ten thousand
    }

    [Fact]
    public void Words_AnotherSeedStreamEpochBlockOrPosition_Differ()
    {
        var words = new HashSet<(uint, uint, uint, uint)>();
        int count = 0;
        foreach (long seed in (long[])[0, 1, -1, long.MaxValue])
        {
            foreach (int stream in (int[])[0, 1, 2])
            {
                foreach (long epoch in (long[])[0, 1, 1L << 33])
                {
                    for (int cell = 0; cell < 16; cell++, count++)
                        words.Add(new PhiloxStream(seed, stream, epoch).Words(cell / 4, cell % 4));
                }
            }
        }

        Assert.Equal(count, words.Count);
    }

    [Fact]
    public void Bounded_AnyWord_IsBelowItsBound() =>
        Gen.Select(Gen.UInt, Gen.Int[1, int.MaxValue]).Sample((word, bound) => PhiloxStream.ToBounded(word, bound) is var value && value >= 0 && value < bound);

    [Fact]
    public void ToSingle_LargestWord_IsBelowOne() => Assert.True(PhiloxStream.ToSingle(uint.MaxValue) < 1f);
}
