using System.Text.Json;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Tests.Support;
using MlNetBert.Cli.Verbs;
using MlNetBert.Models.Verification;

namespace MlNetBert.Cli.Tests.Verbs;

public class DoctorTests
{
    [Fact]
    public void Doctor_Json_TellsWhatRunsHere()
    {
        var report = Tool.Run("doctor", "--json").Object;

        Assert.Equal(Environment.Version.ToString(), report.GetProperty("versions").GetProperty(".NET").GetString());
        Assert.NotEqual(JsonValueKind.Null, report.GetProperty("libtorch").ValueKind);
        Assert.True(Directory.Exists(report.GetProperty("libtorch").GetProperty("directory").GetString()));
        Assert.Contains(report.GetProperty("devices").EnumerateArray(), device => device.GetProperty("name").GetString() == "cpu");
        Assert.Contains(report.GetProperty("precision").GetString(), new[] { "fp32", "bf16" });
        Assert.True(report.GetProperty("ready").GetBoolean());
    }

    [Fact]
    public void Doctor_WithoutLibtorch_SaysHowToGetItAndReturnsOne()
    {
        var empty = Directory.CreateTempSubdirectory("mlnetbert-cli-").FullName;
        try
        {
            var result = Tool.RunWith(null, new Dictionary<string, string> { ["LIBTORCH"] = empty }, "doctor", "--json");

            Assert.Equal(1, result.ExitCode);
            var report = Assert.Single(result.Objects);
            Assert.False(report.GetProperty("ready").GetBoolean());
            Assert.Equal(JsonValueKind.Null, report.GetProperty("libtorch").ValueKind);
            var part = report.GetProperty("missing").EnumerateArray().First(missing => missing.GetProperty("required").GetBoolean());
            Assert.Contains("LIBTORCH", part.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(empty);
        }
    }

    [Fact]
    public void Doctor_Check_TellsALineACheckAndReturnsZeroWhereAllAreRight()
    {
        var result = Tool.Run("doctor", "--check", "--json").IsDone();

        Assert.All(result.Objects, check => Assert.Equal(["check", "difference", "ok"], check.EnumerateObject().Select(each => each.Name)));
        Assert.All(result.Objects, check => Assert.True(check.GetProperty("ok").GetBoolean() && check.GetProperty("difference").GetDouble() < 0.05));
        Assert.Contains("bert backward", result.Objects.Select(check => check.GetProperty("check").GetString()));
    }

    [Fact]
    public void Doctor_CheckForPeople_IsATableWithWhatIsAllowed()
    {
        var result = Tool.Run("doctor", "--check").IsDone();

        Assert.Matches(@"ok +\d\.\de-\d +of at most 1\.0e-4 +modernbert forward", result.Output);
        Assert.Contains("All numbers are right.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0.01, 0)]
    public void Tell_ACheckThatIsOff_ReturnsOne(double difference, int expected)
    {
        using var interruption = new Interruption();
        using var session = new Session(json: true, interruption);

        Assert.Equal(expected, DoctorVerb.Tell([new NumberCheck("right", 0, 0.1), new NumberCheck("tried", difference, 0.1)], session));
    }

    [Fact]
    public void Doctor_CheckWithoutLibtorch_SaysSoAndReturnsOne()
    {
        var empty = Directory.CreateTempSubdirectory("mlnetbert-cli-").FullName;
        try
        {
            var result = Tool.RunWith(null, new Dictionary<string, string> { ["LIBTORCH"] = empty }, "doctor", "--check", "--json");

            Assert.Equal((1, ""), (result.ExitCode, result.Output));
            Assert.Contains("LIBTORCH", result.Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(empty);
        }
    }

    [Fact]
    public void Doctor_ForPeople_ShowsTheVersions() => Assert.Contains("TorchSharp", Tool.Run("doctor").IsDone().Output, StringComparison.Ordinal);
}
