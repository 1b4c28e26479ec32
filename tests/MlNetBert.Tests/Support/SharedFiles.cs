namespace MlNetBert.Tests.Support;

/// <summary>What lies beside the checkout.</summary>
internal static class SharedFiles
{
    /// <summary>A file or directory of ../shared; the test is skipped where it is not there.</summary>
    public static string Find(params string[] parts)
    {
        var path = Path.Combine([SourceFiles.Root, "..", "shared", .. parts]);
        if (!Path.Exists(path))
            Assert.Skip($"{Path.Combine(["../shared", .. parts])} is not beside the checkout.");
        return Path.GetFullPath(path);
    }
}
