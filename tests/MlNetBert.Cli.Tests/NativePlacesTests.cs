using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests;

/// <summary>Where native code may come from: never the current directory.</summary>
public sealed class NativePlacesTests : IDisposable
{
    private const string TorchSharp = "0.107.0";
    private readonly string _directory = Directory.CreateTempSubdirectory("mlnetbert-places-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("HOME", "/nonexistent")]
    [InlineData("HOME", ".")]
    [InlineData("NUGET_PACKAGES", ".nuget/packages")]
    [InlineData("LIBTORCH", ".nuget")]
    public void Doctor_LibrariesInTheCurrentDirectory_AreNotEvenLookedAt(string variable, string value)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "The planted files are Linux x64's.");

        // Files that are no libraries: the message of a program that looks at them says that they are refused.
        Plant($"torchsharp/{TorchSharp}/runtimes/linux-x64/native/libLibTorchSharp.so");
        Plant("libtorch-cpu-linux-x64/2.10.0/runtimes/linux-x64/native/libtorch_cpu.so");
        Directory.CreateDirectory(Path.Combine(_directory, ".nuget", "lib"));
        File.WriteAllText(Path.Combine(_directory, ".nuget", "lib", "libtorch_cpu.so"), "no library");

        var result = Doctor(variable, value);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("was not found", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("refused to load", result.Output, StringComparison.Ordinal);
    }

    private void Plant(string name)
    {
        var file = Path.Combine(_directory, ".nuget", "packages", name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "no library");
    }

    /// <summary>The tool as on a machine where it was not built: the build's own places are taken out of its configuration.</summary>
    private CliResult Doctor(string variable, string value)
    {
        var configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "mlnet-bert.runtimeconfig.json")))!;
        var properties = configuration["runtimeOptions"]!["configProperties"]!.AsObject();
        Assert.True(properties.Remove("MlNetBert.Native.LibTorch") & properties.Remove("MlNetBert.Native.Shim"));
        var file = Path.Combine(_directory, "runtimeconfig.json");
        File.WriteAllText(file, configuration.ToJsonString());

        var start = new ProcessStartInfo(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _directory,
        };
        string[] arguments =
        [
            "exec", "--runtimeconfig", file, "--depsfile", Path.Combine(AppContext.BaseDirectory, "mlnet-bert.deps.json"),
            Path.Combine(AppContext.BaseDirectory, "mlnet-bert.dll"), "doctor",
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Remove("NUGET_PACKAGES");
        start.Environment.Remove("LIBTORCH");
        start.Environment["HOME"] = "/nonexistent";
        start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CliResult(process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
