namespace MlNetBert.HuggingFace.Tests.Support;

/// <summary>The reference data beside the checkout; tests that need it are skipped where it is absent.</summary>
internal static class Shared
{
    public static string? Root { get; } = Find();

    public static string Require(string relative)
    {
        string? path = Root is null ? null : Path.Combine(Root, relative);
        Assert.SkipWhen(path is null || !Path.Exists(path), $"../shared/{relative} is not beside this checkout.");
        return path!;
    }

    private static string? Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "MlNetBert.sln")))
            {
                string shared = Path.Combine(directory.Parent?.FullName ?? directory.FullName, "shared");
                return Directory.Exists(shared) ? shared : null;
            }
        }
        return null;
    }
}
