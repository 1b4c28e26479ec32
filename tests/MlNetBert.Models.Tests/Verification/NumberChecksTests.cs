using MlNetBert.Models.Verification;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Verification;

public sealed class NumberChecksTests
{
    [Fact]
    public void Run_ThisMachine_IsRightInEveryCheck()
    {
        var checks = NumberChecks.Run().ToList();

        Assert.All(checks, check => Assert.True(check.IsRight, check.ToString()));
        Assert.Equal(checks.Count, checks.Select(check => check.Name).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void All_Architectures_HaveReferencesKernelsAndBatches()
    {
        Assert.Equal(OwnArchitectures.All, NumberChecks.Architectures);

        var names = NumberChecks.Run().Select(check => check.Name).ToList();
        foreach (var architecture in OwnArchitectures.All)
        {
            var name = architecture.ModelType;
            Assert.Superset(new HashSet<string>([$"{name} forward", $"{name} backward", $"{name} forward, bf16", $"{name} prepared", $"{name} prepared, bf16", $"{name} batch"], StringComparer.Ordinal), new HashSet<string>(names, StringComparer.Ordinal));
            Assert.Equal(
                architecture.KernelWidths.Count > 0, names.Exists(each => each.StartsWith($"{name} kernels, ", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void Check_AProductThatIsWrongAtOneShape_IsOff(ComputePrecision precision)
    {
        var check = ProductChecks.Check("wrong", precision, (input, weight, bias) =>
        {
            var right = nn.functional.linear(input, weight.to(input.dtype), bias.to(input.dtype));
            return (weight.shape[0] == 341 && input.shape[0] == 7 ? right * 1.1 : right, right);
        });

        Assert.False(check.IsRight);
        Assert.InRange(check.Difference, 0.09, 0.11);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0.2)]
    public void IsRight_NoNumberOrTooFarOff_IsFalse(double difference) => Assert.False(new NumberCheck("products", difference, 0.1).IsRight);

    [Fact]
    public void Relative_OfWhatHoldsNoNumber_IsNoNumber()
    {
        using var scope = NewDisposeScope();

        Assert.True(double.IsNaN(Differences.Relative(tensor(new[] { 1, float.NaN }), tensor(new float[] { 1, 2 }))));
        Assert.True(double.IsNaN(Differences.Worse(Differences.Worse(0.5, double.NaN), 3)));
    }
}
