using System.Runtime.Intrinsics;
using System.Text.Json;
using MlNetBert.Tests.Common;

namespace MlNetBert.Processors.Tests;

/// <summary>The same numbers whatever the instruction set: a child for each setting, because libraries look at the processor once a process.</summary>
public sealed class InstructionSetTests
{
    private const string Report = "onednn_verbose,v1,info,cpu,isa:";

    public static TheoryData<string> Settings { get; } = [.. InstructionSets.All];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Numbers_UnderASetting_AreRight(string setting)
    {
        Assert.SkipWhen(InstructionSets.NeedsAvx512(setting) && !Vector512.IsHardwareAccelerated, $"{setting}: this processor, or .NET as it is set here, has no AVX-512.");

        var child = ChildProcess.Run(Numbers.Compare, "1", InstructionSets.VariablesOf(setting));

        Assert.True(child.ExitCode == 0 && child.Result is not null, $"{setting}: ended with {child.ExitCode}: {child.Error}");
        var result = JsonSerializer.Deserialize<NumbersResult>(child.Result)!;
        Assert.DoesNotContain("ATEN_CPU_CAPABILITY", child.Error, StringComparison.Ordinal); // libtorch says so of a name that it does not know
        Assert.True(result.VectorBits <= InstructionSets.VectorBitsOf(setting), $"{setting}: .NET takes {result.VectorBits} bits at once");
        Assert.True(result.Compared > 100, $"{setting}: {result.Compared} comparisons");
        Assert.True(result.Faults.Count == 0, $"{setting}: off are {string.Join("; ", result.Faults)}");
        RequireOneDnn(setting, child.Output);
    }

    // oneDNN takes a name that it does not know for none at all.
    private static void RequireOneDnn(string setting, string output)
    {
        if (InstructionSets.OneDnnOf(setting) is not var (wanted, word))
            return;
        var found = ReportOf(output);
        if (found == wanted)
            return;
        var best = ReportOf(ChildProcess.Run(Numbers.Multiply, "", InstructionSets.VariablesOf("")).Output);
        Assert.SkipUnless(best.Contains(word, StringComparison.Ordinal), $"{setting}: this processor has '{best}' at most; the numbers are right with that.");
        Assert.Fail($"{setting}: expected oneDNN to take '{wanted}', found '{found}'.");
    }

    private static string ReportOf(string output) =>
        output.Split('\n').FirstOrDefault(line => line.StartsWith(Report, StringComparison.Ordinal))?[Report.Length..].Trim() ?? "no report of oneDNN's";
}
