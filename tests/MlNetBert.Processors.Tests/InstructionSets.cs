namespace MlNetBert.Processors.Tests;

/// <summary>Settings of the environment that let a processor do with less than it has.</summary>
internal static class InstructionSets
{
    private const string OneDnn = "ONEDNN_MAX_CPU_ISA";
    private const string Aten = "ATEN_CPU_CAPABILITY";
    private const string Wide = "DOTNET_EnableAVX512";
    private const string Narrow = "DOTNET_EnableAVX2";

    /// <summary>oneDNN's sets: their names, what it calls them in its own report, and the word in the report of every processor that has them.</summary>
    public static IReadOnlyList<(string Name, string Report, string Word)> OfOneDnn { get; } =
    [
        ("SSE41", "Intel SSE4.1", "Intel"),
        ("AVX2", "Intel AVX2", "AVX"),
        ("AVX512_CORE", "Intel AVX-512 with AVX512BW, AVX512VL, and AVX512DQ extensions", "AVX-512"),
        ("AVX512_CORE_BF16", "Intel AVX-512 with Intel DL Boost and bfloat16 support", "bfloat16"),
        ("AVX512_CORE_AMX", "Intel AVX-512 with float16, Intel DL Boost and bfloat16 support and Intel AMX with bfloat16 and 8-bit integer support", "AMX"),
    ];

    /// <summary>Every setting: oneDNN's, libtorch's own kernels', .NET's, and all of them together.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "",
        .. OfOneDnn.Select(set => $"{OneDnn}={set.Name}"),
        $"{Aten}=default", $"{Aten}=avx2", $"{Aten}=avx512",
        $"{Wide}=0", $"{Wide}=1", $"{Narrow}=0",
        $"{OneDnn}=AVX2 {Aten}=avx2 {Wide}=0",
    ];

    /// <summary>The variables of a setting; those that it does not name are removed, so that a child does not inherit others.</summary>
    public static Dictionary<string, string?> VariablesOf(string setting)
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal) { [OneDnn] = null, [Aten] = null, [Wide] = null, [Narrow] = null, ["ONEDNN_VERBOSE"] = "1" };
        foreach (var pair in setting.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            variables[pair.Split('=')[0]] = pair.Split('=')[1];
        return variables;
    }

    /// <summary>What the setting asks of oneDNN, by its report and the word in it; null for nothing.</summary>
    public static (string Report, string Word)? OneDnnOf(string setting) =>
        VariablesOf(setting)[OneDnn] is { } name && OfOneDnn.First(set => set.Name == name) is var found ? (found.Report, found.Word) : null;

    /// <summary>Whether libtorch's own kernels or .NET are to have AVX-512, which a processor without it cannot run.</summary>
    public static bool NeedsAvx512(string setting) => VariablesOf(setting)[Aten] == "avx512" || VariablesOf(setting)[Wide] == "1";

    /// <summary>The widest vectors that .NET may have, in bits.</summary>
    public static int VectorBitsOf(string setting) => VariablesOf(setting)[Narrow] == "0" ? 128 : VariablesOf(setting)[Wide] == "0" ? 256 : 512;
}
