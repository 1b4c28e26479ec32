namespace MlNetBert.Cli.Tests.Support;

/// <summary>Where test files lie.</summary>
internal static class TestFiles
{
    private static readonly string Root = FindRoot();

    /// <summary>A golden model: config.json, model.safetensors and reference.safetensors, without a tokenizer.</summary>
    public static string GoldenModel(string name) =>
        Path.Combine(Root, "tests", "MlNetBert.Models.Tests", "Goldens", name) is var own && Directory.Exists(own) ? own
            : Shared("golden", "models", name);

    /// <summary>A file or directory of the data beside the checkout; the test is skipped where it is not there.</summary>
    public static string Shared(params string[] parts)
    {
        var path = Path.Combine([Root, "..", "shared", .. parts]);
        if (!Path.Exists(path))
            Assert.Skip($"{Path.Combine(["../shared", .. parts])} is not beside the checkout.");
        return Path.GetFullPath(path);
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MlNetBert.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("MlNetBert.sln is not above the test assembly.");
    }
}
