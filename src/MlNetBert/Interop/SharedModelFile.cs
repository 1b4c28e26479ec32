namespace MlNetBert.Interop;

/// <summary>One file of a shared directory.</summary>
/// <param name="Digest">SHA-256 of the content, in lower-case hexadecimal digits.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="Name">Path relative to the directory, with forward slashes.</param>
internal sealed record SharedModelFile(string Digest, long Length, string Name);
