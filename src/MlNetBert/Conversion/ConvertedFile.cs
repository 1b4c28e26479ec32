namespace MlNetBert.Conversion;

/// <summary>A file that a conversion wrote.</summary>
/// <param name="Name">Its path below the output directory, with forward slashes, or the zip's own name.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record ConvertedFile(string Name, long Bytes);
