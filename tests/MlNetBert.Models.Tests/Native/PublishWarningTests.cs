using System.Diagnostics;

namespace MlNetBert.Models.Tests.Native;

public sealed class PublishWarningTests
{
    [Theory]
    [InlineData(true, "", true)]
    [InlineData(true, "-p:MlNetBertPublishTorch=false", false)]
    [InlineData(false, "", false)]
    public async Task Publish_StartedOutsideTheClone_WarnsThatLibTorchIsLeftOut(bool outside, string property, bool warns)
    {
        string clone = Clone();
        // What a publish asks of the projects that it refers to.
        string[] arguments = ["msbuild", Path.Combine(clone, "src", "MlNetBert.Models", "MlNetBert.Models.csproj"), "-t:GetCopyToPublishDirectoryItems", "-nologo", "-v:m", property];
        var start = new ProcessStartInfo("dotnet", arguments.Where(argument => argument.Length > 0))
        {
            WorkingDirectory = outside ? Path.GetTempPath() : clone,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, output);
        Assert.Equal(warns, output.Contains("MLNB0002", StringComparison.Ordinal));
        Assert.Equal(warns, output.Contains("Add the package libtorch-cpu-", StringComparison.Ordinal));
    }

    private static string Clone()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "MlNetBert.sln")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("The tests must lie in the clone.");
    }
}
