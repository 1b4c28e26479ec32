using System.IO.Compression;

namespace MlNetBert.Interop;

/// <summary>Tells ML.NET's zips from others.</summary>
internal static class PipelineZip
{
    /// <summary>What every part of a pipeline has in ML.NET's zips.</summary>
    private const string PartName = "Model.key";

    /// <summary>Whether a file is a zip that ML.NET wrote, be its parts known here or not.</summary>
    public static bool Is(string path)
    {
        try
        {
            using var zip = ZipFile.OpenRead(path);
            return zip.Entries.Any(entry => entry.Name == PartName);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
