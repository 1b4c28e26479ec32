using System.Text.Json;

namespace MlNetBert.Cli.Tests.Support;

/// <summary>How the tool ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>Every line of the output as an object; anything else there fails.</summary>
    public List<JsonElement> Objects
    {
        get
        {
            Assert.True(Output.Length == 0 || Output.EndsWith('\n'), "the output ends with a line end");
            var objects = Output.Split('\n')[..^1].Select(line => JsonDocument.Parse(line).RootElement.Clone()).ToList();
            Assert.All(objects, element => Assert.Equal(JsonValueKind.Object, element.ValueKind));
            return objects;
        }
    }

    /// <summary>The one object of the output, after a run that was done.</summary>
    public JsonElement Object
    {
        get
        {
            IsDone();
            return Assert.Single(Objects);
        }
    }

    /// <summary>Checks that the work was done.</summary>
    public CliResult IsDone()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
        return this;
    }

    /// <summary>Checks that the work failed, with a message that says so and no stack trace.</summary>
    public void IsFailure(int exitCode, params string[] said)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}: {Error}{Output}");
        Assert.All(said, part => Assert.Contains(part, Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Error, StringComparison.Ordinal);
    }
}
