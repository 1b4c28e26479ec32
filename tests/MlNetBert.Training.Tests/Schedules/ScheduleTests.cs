using CsCheck;
using MlNetBert.Training.Schedules;

namespace MlNetBert.Training.Tests.Schedules;

public class ScheduleTests
{
    [Fact]
    public void At_AnyShape_StaysBetweenZeroAndThePeak() =>
        Gen.Select(Gen.Enum<LearningRateSchedule>(), Gen.Double[1e-6, 1], Gen.Double[0, 1], Gen.Int[0, 50].Nullable(), Gen.Int[1, 200]).Sample((shape, peak, ratio, steps, length) =>
        {
            var schedule = new Schedule(shape, peak, ratio, steps);
            for (var step = 0; step < length; step++)
                Assert.InRange(schedule.At(step, length), 0, peak * (1 + 1e-12));
        }, iter: 300);

    [Fact]
    public void At_WarmUp_RisesToThePeakAndNeverRisesAgain() =>
        Gen.Select(Gen.Enum<LearningRateSchedule>().Where(s => s != LearningRateSchedule.Triangular), Gen.Int[0, 40], Gen.Int[50, 200]).Sample((shape, warmup, length) =>
        {
            var rates = Enumerable.Range(0, length).Select(step => new Schedule(shape, 2, 0, warmup).At(step, length)).ToArray();

            Assert.Equal(2, rates[warmup], 1e-9);
            for (var step = 1; step < length; step++)
                Assert.True(step <= warmup ? rates[step] > rates[step - 1] : rates[step] <= rates[step - 1] + 1e-12);
        }, iter: 100);

    [Theory]
    [InlineData(LearningRateSchedule.Linear, 55, 0.5)]
    [InlineData(LearningRateSchedule.Cosine, 55, 0.5)]
    [InlineData(LearningRateSchedule.Constant, 99, 1)]
    [InlineData(LearningRateSchedule.InverseSquareRoot, 40, 0.5)]
    [InlineData(LearningRateSchedule.Linear, 100, 0)]
    [InlineData(LearningRateSchedule.Cosine, 100, 0)]
    [InlineData(LearningRateSchedule.Linear, 5, 0.5)]
    public void At_AfterTenPercentOfWarmUp_HasTheShapesValue(LearningRateSchedule shape, int step, double expected)
    {
        Assert.Equal(expected, new Schedule(shape, 1, 0.1).At(step, 100), 1e-9);
        Assert.Equal(expected, new Schedule(shape, 1, 0, 10).At(step, 100), 1e-9);
    }

    [Fact]
    public void At_Triangular_IsATriangle()
    {
        var schedule = new Schedule(LearningRateSchedule.Triangular, 1, 0);
        var rates = Enumerable.Range(0, 100).Select(step => schedule.At(step, 100)).ToArray();

        Assert.Equal(50, Array.IndexOf(rates, rates.Max()));
        Assert.True(rates[0] > 0 && rates[99] > 0 && rates[0] < 0.05 && rates[99] < 0.05);
        Assert.Equal(0, schedule.At(100, 100));
    }
}
