using Microsoft.ML;

namespace MlNetBert.Interop;

/// <summary>What the header of a saved transformer says, checked for what ML.NET would only notice when someone loads it.</summary>
internal static class ModelVersion
{
    /// <summary>The longest loader signature that the header holds.</summary>
    public const int LongestLoaderSignature = 24;

    /// <summary>
    /// Describes the current format of a transformer. The loader's assembly is written by its simple name, so that a later package can load
    /// what an earlier one saved.
    /// </summary>
    /// <typeparam name="T">The transformer.</typeparam>
    /// <param name="modelSignature">Exactly eight ASCII characters.</param>
    /// <param name="loaderSignature">The name under which <c>LoadableClass</c> registers the loader: ASCII, at most 24 characters.</param>
    /// <param name="written">The version that this code writes, 1 at first and one more for each change of the format.</param>
    /// <param name="readable">The oldest reader that can read what this code writes.</param>
    /// <param name="readBack">The oldest version that this code can read.</param>
    /// <exception cref="ArgumentException">A signature has the wrong length or characters.</exception>
    public static VersionInfo Create<T>(string modelSignature, string loaderSignature, uint written = 1, uint readable = 1,
        uint readBack = 1)
    {
        if (modelSignature.Length != 8 || !modelSignature.All(char.IsAscii))
            throw new ArgumentException(
                $"A model signature has exactly 8 ASCII characters; '{modelSignature}' has {modelSignature.Length}.",
                nameof(modelSignature));
        if (loaderSignature.Length is 0 or > LongestLoaderSignature || !loaderSignature.All(char.IsAscii))
            throw new ArgumentException(
                $"A loader signature has 1 to {LongestLoaderSignature} ASCII characters; '{loaderSignature}' has {loaderSignature.Length}.",
                nameof(loaderSignature));
        if (readable > written || readBack > written)
            throw new ArgumentException($"Version {written} cannot be older than what reads it ({readable}) or what it reads ({readBack}).",
                nameof(written));

        return new VersionInfo(modelSignature, written, readable, readBack, typeof(T).Assembly.GetName().Name, loaderSignature);
    }
}
