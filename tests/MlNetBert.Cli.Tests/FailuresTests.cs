namespace MlNetBert.Cli.Tests;

public class FailuresTests
{
    [Theory]
    [InlineData("BlockLength", "--block-length")]
    [InlineData("VocabularySize", "--vocabulary-size")]
    [InlineData("EvaluationFraction", "--eval-fraction")]
    [InlineData("EvaluateEveryNSteps", "--eval-every-n-steps")]
    [InlineData("ClipNorm", "--clip-norm")]
    [InlineData("MicroBatchSize", "MicroBatchSize")]
    [InlineData("Unheard", "Unheard")]
    public void Describe_InvalidOptions_NamesTheOption(string property, string expected)
    {
        var exception = new InvalidOptionsException("Some", [$"{property} must be at least 1, but is 0"]);

        var (exitCode, message) = Failures.Describe(exception, ["--json", "--block-length", "--size", "--vocabulary-size", "--eval-fraction", "--eval-every-n-steps", "--clip-norm"]);

        Assert.Equal(ExitCodes.WrongArguments, exitCode);
        Assert.Equal($"{expected} must be at least 1, but is 0.", message);
    }

    [Theory]
    [InlineData("say which one holds the text (CorpusOptions.Column).", "say which one holds the text (--column).")]
    [InlineData("set CorpusOptions.InvalidUtf8 = Replace.", "set --invalid-utf8 replace.")]
    [InlineData("set CorpusOptions.DocumentBoundary = BlankLine, or CorpusOptions.Readers.", "set --document-boundary blank-line, or CorpusOptions.Readers.")]
    [InlineData("raise BlockOptions.BlockLength", "raise --block-length")]
    public void Describe_MessageOfTheLibrary_NamesTheOption(string message, string expected) =>
        Assert.Equal(expected, Failures.Describe(new InvalidDataException(message), ["--column", "--invalid-utf8", "--document-boundary", "--block-length"]).Message);

    [Fact]
    public void Describe_WrappedException_TellsTheCauseWithoutParameterName()
    {
        var exception = new TypeInitializationException("Some", new ArgumentException("A reason.", "value"));

        Assert.Equal((ExitCodes.Failed, "A reason."), Failures.Describe(exception, []));
    }
}
