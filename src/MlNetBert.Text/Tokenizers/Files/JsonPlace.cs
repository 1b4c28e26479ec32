using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Where something stands in a file, to tell what turns out to be wrong with it later.</summary>
/// <param name="File">The file.</param>
/// <param name="Path">The path in it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct JsonPlace(string File, string Path)
{
    /// <summary>What to throw.</summary>
    /// <param name="fault">What is wrong, as a sentence that the path begins.</param>
    /// <param name="inner">What it came from.</param>
    public TokenizerFormatException Fail(string fault, Exception? inner = null) =>
        new(File, $"{(Path.Length == 0 ? "it" : $"'{Path}'")} {fault}. Correct the file, or use another tokenizer.", inner);
}
