using MlNetBert.HuggingFace;

namespace MlNetBert.Inference;

/// <summary>Guards what a directory that is to be written may replace.</summary>
internal static class OutputPlace
{
    /// <summary>Lets a directory be replaced only where there is none, an empty one, or a model's.</summary>
    /// <exception cref="IOException">There is a directory of something else.</exception>
    public static void RequireModelDirectory(string path)
    {
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !File.Exists(Path.Combine(path, ModelFiles.Config)))
        {
            throw new IOException(
                $"The directory {Path.GetFullPath(path)} is there already and is no model ({ModelFiles.Config} is missing), so it is not replaced. Choose another directory, or empty it.");
        }
    }
}
