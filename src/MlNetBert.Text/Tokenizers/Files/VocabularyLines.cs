using System.Text;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>The lines of vocab.txt and merges.txt.</summary>
internal static class VocabularyLines
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The lines of vocab.txt, which end as Python's do: with CR, LF or both. The last line may end or not; an empty line behind a line
    /// that ended is none.
    /// </summary>
    public static string[] OfVocabulary(byte[] bytes, string file)
    {
        string[] lines = Of(bytes, file, "the vocabulary");
        return lines.Length > 0 ? lines : throw new TokenizerFormatException(file,
            "a vocabulary has one piece a line, but the file is empty. Get the file anew.");
    }

    /// <summary>The lines of a file, which end as Python's do.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">What to call it.</param>
    /// <param name="what">What it holds.</param>
    public static string[] Of(byte[] bytes, string file, string what)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes);
        }
        catch (ArgumentException exception)
        {
            throw new TokenizerFormatException(file, $"{what} must be UTF-8, but is not: {exception.Message} Save the file as UTF-8.",
                exception);
        }

        string[] lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
