namespace MlNetBert.Training.Tests.Support;

/// <summary>Files of the data beside the checkout.</summary>
internal static class SharedFiles
{
    /// <summary>A file or directory; the test is skipped where it is not there.</summary>
    public static string Find(params string[] parts)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MlNetBert.sln")))
            directory = directory.Parent;
        var path = Path.GetFullPath(Path.Combine([directory?.FullName ?? ".", "..", "shared", .. parts]));
        if (!Path.Exists(path))
            Assert.Skip($"{Path.Combine(["../shared", .. parts])} is not beside the checkout.");
        return path;
    }
}
