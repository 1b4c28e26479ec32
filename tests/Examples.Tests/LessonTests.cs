extern alias lesson;

using lesson::Lesson;

namespace Examples.Tests;

public sealed class LessonTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Load_OfAFile_SplitsItsLinesFourToOne()
    {
        File.WriteAllLines(_file, Enumerable.Range(0, 10).Select(i => i == 3 ? "" : $"line {i}"));
        var data = LessonData.Load(_file);
        Assert.Equal(["line 0", "line 1", "line 2", "", "line 4", "line 5", "line 6", "line 7"], data.Training);
        Assert.Equal(["line 8", "line 9"], data.Evaluation);
    }

    [Fact]
    public void Load_WithoutAFile_GivesEnoughForBlocks()
    {
        var data = LessonData.Load(null);
        Assert.True(data.Training.Sum(line => line.Split(' ').Length) > 20_000);
        Assert.True(data.Evaluation.Sum(line => line.Split(' ').Length) > 4_000);
    }

    [Theory]
    [InlineData("--vocabulary")]
    [InlineData("--vocabulary", "/no/such/file")]
    [InlineData("/no/such/file")]
    [InlineData("--epochs", "3")]
    public void Parse_WithBadArguments_SaysTheUsage(params string[] arguments)
    {
        var exception = Assert.Throws<ArgumentException>(() => Arguments.Parse(arguments));
        Assert.Contains(Arguments.Usage, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WithEverything_GivesIt()
    {
        Assert.Equal(
            new Arguments(_file, _file, "model", "out"),
            Arguments.Parse([_file, "--vocabulary", _file, "--from", "model", "--output", "out"]));
    }
}
