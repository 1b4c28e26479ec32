namespace MlNetBert.HuggingFace;

/// <summary>
/// Looks at the files of a model directory that anyone may have made before they are opened: a pipe would wait for a writer, and a link
/// could bring any file of this machine into what is saved. Links within the directory are followed, and those of the hub's cache into its
/// blobs.
/// </summary>
internal static class ModelFileGuard
{
    private const int MostLinks = 40;

    /// <summary>
    /// What is wrong with a file, as the rest of a sentence that begins with its path; null where nothing is, or where there is no file.
    /// </summary>
    /// <param name="directory">The model directory.</param>
    /// <param name="name">The file's name in it, with <c>/</c> between its parts.</param>
    public static string? FaultOf(string directory, string name)
    {
        var path = Path.Combine(directory, name.Replace('/', Path.DirectorySeparatorChar));
        if (FaultOf(path) is { } fault)
            return fault;
        if (FileIdentity.Of(path).Kind != FileKind.File)
            return null;
        var (home, file) = (RealPath(directory), RealPath(path));
        return RelativePath.IsBelow(file, home) || IsBlob(file, home)
            ? null
            : $"is a link that leads out of the model's directory, to {file}. A model that someone else made could so read any file of "
                + "yours: put the file itself there if it is meant.";
    }

    /// <summary>What is wrong with a file that was named by itself; null where it can be read, or is not there.</summary>
    public static string? FaultOf(string path) => FileIdentity.Of(path).Kind switch
    {
        FileKind.Pipe => "is a named pipe: expected a file.",
        FileKind.Socket => "is a socket: expected a file.",
        FileKind.Device => "is a device: expected a file.",
        _ => null,
    };

    /// <summary>The path with every link in it followed.</summary>
    private static string RealPath(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        for (var links = 0; links < MostLinks; links++)
        {
            var (at, isLink) = (Path.GetPathRoot(full)!, false);
            foreach (var part in full[at.Length..].Split(Path.DirectorySeparatorChar))
            {
                if (isLink || new FileInfo(Path.Combine(at, part)).LinkTarget is not { } target)
                {
                    at = Path.Combine(at, part);
                    continue;
                }

                (at, isLink) = (Path.GetFullPath(Path.Combine(at, target)), true);
            }

            if (!isLink)
                return full;
            full = at;
        }

        return full;
    }

    // {models--owner--name}/snapshots/{commit}, or a folder below it, and {models--owner--name}/blobs.
    private static bool IsBlob(string file, string directory)
    {
        for (var at = Path.GetDirectoryName(directory); at is not null; at = Path.GetDirectoryName(at))
        {
            if (Path.GetFileName(at) == "snapshots" && Path.GetDirectoryName(at) is { } repository)
                return string.Equals(Path.GetDirectoryName(file), Path.Combine(repository, "blobs"), StringComparison.Ordinal);
        }

        return false;
    }
}
