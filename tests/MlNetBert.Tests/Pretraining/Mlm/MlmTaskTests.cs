using MlNetBert.Pretraining;

namespace MlNetBert.Tests.Pretraining.Mlm;

public class MlmTaskTests
{
    private static readonly PretrainingTask Task = PretrainingTask.Get("mlm");

    [Fact]
    public void DescribeSettings_Defaults_AreAsCheckpointsOfEarlierBuildsRecordThem() =>
        Assert.Equal("0.15 of the tokens, 0.8 masked, 0.1 random", Masking(new MlmOptions()));

    [Fact]
    public void DescribeSettings_OtherMasks_AreOthers()
    {
        MlmOptions[] options =
        [
            new(), new() { Masking = MaskingUnit.WholeWords }, new() { Masking = MaskingUnit.Spans }, new() { MaskProbability = 0.3 },
            new() { MaskProbability = 0.3, FinalMaskProbability = 0.15 }, new() { MaskProbability = 0.3, FinalMaskProbability = 0.1 },
        ];
        Assert.Distinct(options.Select(Masking));
        Assert.Equal("0.3 to 0.15 of the tokens, 0.8 masked, 0.1 random", Masking(options[4]));
        Assert.Equal("0.15 of the tokens by spans, 0.8 masked, 0.1 random", Masking(options[2]));
    }

    [Fact]
    public void TargetFraction_OfAProbabilityThatChanges_IsTheLargest()
    {
        Assert.Equal(0.3, Task.TargetFraction(new MlmOptions { MaskProbability = 0.3, FinalMaskProbability = 0.15 }));
        Assert.Equal(0.4, Task.TargetFraction(new MlmOptions { FinalMaskProbability = 0.4 }));
    }

    private static string Masking(MlmOptions options) => Task.DescribeSettings(options).Single(setting => setting.Key == "masking").Value;
}
