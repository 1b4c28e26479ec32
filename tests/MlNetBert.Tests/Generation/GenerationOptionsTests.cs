namespace MlNetBert.Tests.Generation;

public class GenerationOptionsTests
{
    private static readonly GenerationOptions Default = new();

    /// <summary>Options that cannot be, and what the message names.</summary>
    public static TheoryData<GenerationOptions, string> Wrong => new()
    {
        { Default with { MaxNewTokens = 0 }, "MaxNewTokens" },
        { Default with { Temperature = 0 }, "Temperature" },
        { Default with { Temperature = -1 }, "Temperature" },
        { Default with { Temperature = double.NaN }, "Temperature" },
        { Default with { TopK = 0 }, "TopK" },
        { Default with { TopP = 0 }, "TopP" },
        { Default with { TopP = 1.1 }, "TopP" },
        { Default with { MinP = 0 }, "MinP" },
        { Default with { MinP = 2 }, "MinP" },
        { Default with { TypicalP = 0 }, "TypicalP" },
        { Default with { TypicalP = 1 }, "TypicalP" },
        { Default with { Beams = 0 }, "Beams" },
        { Default with { Beams = 2, TopK = 3 }, "GenerationOptions.TopK" },
        { Default with { Beams = 2, Temperature = 1 }, "GenerationOptions.Temperature" },
        { Default with { LengthPenalty = 2 }, "LengthPenalty" },
        { Default with { Beams = 2, LengthPenalty = double.NaN }, "LengthPenalty" },
        { Default with { EarlyStopping = true }, "EarlyStopping" },
        { Default with { Results = 0 }, "Results" },
        { Default with { Results = 2 }, "Results" },
        { Default with { Beams = 2, Results = 3 }, "Results" },
        { Default with { RepetitionPenalty = 0 }, "RepetitionPenalty" },
        { Default with { RepetitionPenalty = double.PositiveInfinity }, "RepetitionPenalty" },
        { Default with { NoRepeatNgrams = -1 }, "NoRepeatNgrams" },
        { Default with { EndTokenIds = [1, -1] }, "EndTokenIds" },
        { Default with { StopTexts = ["a", ""] }, "StopTexts" },
        { Default with { BatchSize = 0 }, "BatchSize" },
        { Default with { Device = "bad" }, "Device" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_OptionsThatCannotBe_NamesThem(GenerationOptions options, string named) =>
        Assert.Contains(named, Assert.Throws<InvalidOptionsException>(options.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void Validate_SeveralFaults_ListsThemAll() =>
        Assert.Equal(3, Assert.Throws<InvalidOptionsException>((Default with { MaxNewTokens = 0, TopK = 0, MinP = -1 }).Validate).Errors.Count);

    [Fact]
    public void Validate_WaysToWrite_Pass()
    {
        Default.Validate();
        (Default with { Temperature = 0.7, TopK = 5, TopP = 1, MinP = 1, TypicalP = 0.9, Results = 7 }).Validate();
        (Default with { Beams = 4, Results = 4, LengthPenalty = -1, EarlyStopping = true, RepetitionPenalty = 0.5, NoRepeatNgrams = 3, EndTokenIds = [] }).Validate();
    }
}
