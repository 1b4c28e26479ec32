using MlNetBert.Models;
using MlNetBert.Training.Loop;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Loop;

public sealed class ProcessorProductsTests
{
    [Theory]
    [InlineData(100, 40, true)] // a processor with matrix units, or AMD's instructions
    [InlineData(100, 83, true)]
    [InlineData(100, 84, false)]
    [InlineData(100, 170, false)] // Intel's instructions without matrix units
    public void TakesBFloat16_TimesOfProducts_WhereItIsClearlyFaster(int float32, int bfloat16, bool expected) =>
        Assert.Equal(expected, ProcessorProducts.TakesBFloat16([(TimeSpan.FromTicks(float32), TimeSpan.FromTicks(bfloat16))]));

    [Fact]
    public void TakesBFloat16_OthersWereSlowInBetween_TheFastestCount() => Assert.True(ProcessorProducts.TakesBFloat16(
        [(TimeSpan.FromTicks(100), TimeSpan.FromTicks(900)), (TimeSpan.FromTicks(800), TimeSpan.FromTicks(40))]));

    [Fact]
    public void Measure_OfAnyProcessor_TimesBothFormats()
    {
        var rounds = ProcessorProducts.Measure();

        Assert.NotEmpty(rounds);
        Assert.All(rounds, round => Assert.True(round.Float32 > TimeSpan.Zero && round.BFloat16 > TimeSpan.Zero));
    }

    [Fact]
    public void Resolve_AutoOnAProcessorWithoutInstructions_IsFloat32()
    {
        Assert.SkipWhen(ProcessorProducts.HasBFloat16, "This processor has instructions for bfloat16.");

        Assert.Equal(ComputePrecision.Float32, TrainingDevice.Resolve(Precision.Auto, CPU));
    }

    [Fact]
    public void Resolve_AutoOnAProcessorWithInstructions_IsTheFormatOfTheFasterProducts()
    {
        Assert.SkipUnless(ProcessorProducts.HasBFloat16, "This processor has no instructions for bfloat16.");

        var takesBFloat16 = ProcessorProducts.TakesBFloat16(ProcessorProducts.Measure());

        Assert.Equal(takesBFloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32, TrainingDevice.Resolve(Precision.Auto, CPU));
    }
}
