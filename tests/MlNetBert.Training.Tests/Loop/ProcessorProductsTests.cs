using MlNetBert.Models;
using MlNetBert.Training.Loop;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Loop;

public sealed class ProcessorProductsTests
{
    [Theory]
    [InlineData(100, 40, true)] // a processor with matrix units, or AMD's instructions
    [InlineData(100, 95, false)]
    [InlineData(100, 170, false)] // Intel's instructions without matrix units
    public void TakesBFloat16_TimesOfProducts_WhereItIsClearlyFaster(int float32, int bfloat16, bool expected) =>
        Assert.Equal(expected, ProcessorProducts.TakesBFloat16([(TimeSpan.FromTicks(float32), TimeSpan.FromTicks(bfloat16))]));

    [Fact]
    public void TakesBFloat16_OthersWereSlowInBetween_TheFastestCount() => Assert.True(ProcessorProducts.TakesBFloat16(
        [(TimeSpan.FromTicks(100), TimeSpan.FromTicks(900)), (TimeSpan.FromTicks(800), TimeSpan.FromTicks(40))]));

    [Fact]
    public void Resolve_AutoOnAProcessor_IsWhatProductsSay()
    {
        var expected = ProcessorProducts.PrefersBFloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32;

        Assert.Equal(expected, TrainingDevice.Resolve(Precision.Auto, CPU));
        Assert.True(ProcessorProducts.HasBFloat16 || expected == ComputePrecision.Float32);
    }
}
