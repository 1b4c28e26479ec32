using System.Globalization;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tests.Blocks;

public sealed class RepetitionSamplerTests
{
    [Fact]
    public void RepeatedShare_MoreThanItHolds_IsEstimated()
    {
        var sampler = new RepetitionSampler(capacity: 2_000);
        for (int i = 0; i < 100_000; i++)
            sampler.Add(TextHash.Of((i % 80_000).ToString(CultureInfo.InvariantCulture)));
        Assert.InRange(sampler.DuplicateFraction, 0.17, 0.23);
    }
}
