namespace MlNetBert.Text.Tests;

/// <summary>Finds the reference material beside the checkout; tests that need it are skipped without it.</summary>
internal static class SharedFiles
{
    private static readonly string? Root = FindRoot();

    public static string Path(string relative)
    {
        string? path = Root is null ? null : System.IO.Path.Combine(Root, relative);
        if (path is null || (!File.Exists(path) && !Directory.Exists(path)))
            Assert.Skip($"The reference material ../shared/{relative} is not beside this checkout.");
        return path!;
    }

    private static string? FindRoot()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(System.IO.Path.Combine(directory.FullName, "MlNetBert.sln")))
                continue;
            string shared = System.IO.Path.Combine(directory.Parent?.FullName ?? directory.FullName, "shared");
            return Directory.Exists(shared) ? shared : null;
        }

        return null;
    }
}
