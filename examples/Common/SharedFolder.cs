namespace Examples.Common;

/// <summary>What may lie beside the repository: data and checkpoints in ../shared.</summary>
internal static class SharedFolder
{
    /// <summary>A file or directory there; null where it is not.</summary>
    public static string? Find(params string[] parts)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(Path.Combine(directory.FullName, "MlNetBert.sln")))
                continue;
            var path = Path.GetFullPath(Path.Combine([directory.FullName, "..", "shared", .. parts]));
            return Path.Exists(path) ? path : null;
        }

        return null;
    }
}
