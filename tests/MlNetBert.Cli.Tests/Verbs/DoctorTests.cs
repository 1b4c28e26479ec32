using System.Text.Json;
using MlNetBert.Cli.Tests.Support;

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
    public void Doctor_ForPeople_ShowsTheVersions() => Assert.Contains("TorchSharp", Tool.Run("doctor").IsDone().Output, StringComparison.Ordinal);
}
