namespace MlNetBert.Inference;

/// <summary>Guards what a directory that is to be written may replace.</summary>
internal static class OutputPlace
{
    /// <summary>Lets a directory be replaced only where there is none, or one that holds the files of a model and nothing else.</summary>
    /// <exception cref="IOException">Something else would be lost.</exception>
    public static void RequireReplaceable(string path)
    {
        if (!Directory.Exists(path))
            return;
        var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(path, file).Replace(Path.DirectorySeparatorChar, '/'));
        if (files.FirstOrDefault(name => !SharedModelReader.IsModelFile(name)) is { } other)
        {
            throw new IOException(
                $"The directory {Path.GetFullPath(path)} is there already and holds '{other}', which is no file of a model, so it is not replaced. Choose another directory, or empty it.");
        }
    }
}
