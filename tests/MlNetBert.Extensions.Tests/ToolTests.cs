using System.Text.Json;
using MlNetBert.Tests.Common;
using Stranger.Support;

namespace Stranger;

/// <summary>The tool, run from a program that registers first.</summary>
public sealed class ToolTests(Trained trained)
{
    [Fact]
    public void Pretrain_ByTheObjective_TrainsWhatEvaluateMeasures()
    {
        var directory = Directory.CreateDirectory(trained.At("texts")).FullName;
        var texts = Texts.Write(directory);
        var output = trained.At("run");

        var trains = Run(
            "pretrain", "--objective", "token-reversal", "--skipped-fraction", "0.2", "--architecture", "bag", "--size", "tiny", "--data", texts, "--tokenizer",
            Texts.TokenizerBeside(directory), "--block-length", "24", "--max-steps", "4", "--eval-fraction", "0.2", "--device", "cpu", "--output", output, "--json");
        var measured = Run("evaluate", "--model", output, "--data", texts, "--block-length", "24", "--json");

        Assert.Contains("skipped", File.ReadAllText(Path.Combine(output, "README.md")), StringComparison.Ordinal);
        Assert.Contains(trains, line => line.TryGetProperty("loss", out _));
        Assert.Equal("token-reversal", Assert.Single(measured).GetProperty("objective").GetString());
        Assert.True(measured[0].GetProperty("loss").GetDouble() > 0);
    }

    [Fact]
    public void FillMask_WithItsModel_GivesCandidates() =>
        Assert.NotEmpty(Assert.Single(Run("fill-mask", "--model", trained.Model, "--json", "the c[MASK]")).GetProperty("masks")[0].EnumerateArray());

    [Fact]
    public void Embed_WithItsPipeline_GivesAVector() =>
        Assert.NotEmpty(Assert.Single(Run("embed", "--model", trained.Zip, "--json", "the cat")).GetProperty("embedding").EnumerateArray());

    [Fact]
    public void Pretrain_WhereNothingIsRegistered_ListsTheObjectivesThereAre()
    {
        var child = ChildProcess.Run(Children.RunPlainTool, string.Join('\t', "pretrain", "--objective", "token-reversal", "--data", "x", "--output", trained.At("none")));

        Assert.Equal("2", child.Result);
        Assert.Contains("token-reversal", child.Error, StringComparison.Ordinal);
        Assert.Contains("mlm", child.Error, StringComparison.Ordinal);
    }

    private static List<JsonElement> Run(params string[] arguments)
    {
        var child = ChildProcess.Run(Children.RunTool, string.Join('\t', arguments));
        Assert.True(child is { ExitCode: 0, Result: "0" }, child.Error);
        return [.. child.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
