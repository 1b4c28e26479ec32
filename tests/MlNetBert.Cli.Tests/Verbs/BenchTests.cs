using System.Text.Json;
using MlNetBert.Cli.Tests.Support;
using MlNetBert.Tests.Common;

namespace MlNetBert.Cli.Tests.Verbs;

public class BenchTests
{
    /// <summary>Every architecture in both number formats.</summary>
    public static TheoryData<string, string> Architectures => [.. from row in OwnArchitectures.Encoders from precision in new[] { "fp32", "bf16" } select (row.Data, precision)];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Bench_TinyModel_PrintsOneObject(string architecture, string precision)
    {
        var figures = Tool.Run(
            "bench", "--architecture", architecture, "--size", "tiny", "--vocabulary-size", "200", "--batch", "2", "--block", "16", "--precision", precision, "--steps", "1", "--json").Object;

        string[] names = ["step_s", "tokens_per_second", "gemm_fp32_gflops", "gemm_bf16_gflops", "useful_gflop", "share_of_peak", "peak_memory_mb"];
        Assert.All(names, name => Assert.True(figures.GetProperty(name).GetDouble() > 0, name));
        Assert.Equal(precision, figures.GetProperty("precision").GetString());
        Assert.Equal(32 / figures.GetProperty("step_s").GetDouble(), figures.GetProperty("tokens_per_second").GetDouble(), 1e-6);
        var peak = figures.GetProperty(precision == "bf16" ? "gemm_bf16_gflops" : "gemm_fp32_gflops").GetDouble();
        Assert.Equal(figures.GetProperty("useful_gflop").GetDouble() / figures.GetProperty("step_s").GetDouble() / peak, figures.GetProperty("share_of_peak").GetDouble(), 1e-9);
        Assert.Equal(JsonValueKind.Number, figures.GetProperty("parameters").ValueKind);
    }

    [Fact]
    public void Bench_WrongSize_NamesTheSizes() => Tool.Run("bench", "--size", "hug").IsFailure(2, "--size must be", "large");
}
