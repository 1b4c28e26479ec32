using System.Text;

namespace MlNetBert.Text.Corpora;

/// <summary>Encodings of text: by byte-order mark, by name, and guessed for a message.</summary>
internal static class TextEncodings
{
    private const int Looked = 1 << 12;
    private static readonly (byte[] Mark, Encoding Encoding)[] Marks =
    [
        ([0xEF, 0xBB, 0xBF], Encoding.UTF8),
        ([0xFF, 0xFE, 0, 0], Encoding.UTF32), // before UTF-16, whose mark it begins with
        ([0, 0, 0xFE, 0xFF], new UTF32Encoding(bigEndian: true, byteOrderMark: true)),
        ([0xFF, 0xFE], Encoding.Unicode),
        ([0xFE, 0xFF], Encoding.BigEndianUnicode),
    ];

    /// <summary>The names that encodings are called by.</summary>
    public static IEnumerable<string> Names => Encoding.GetEncodings().Concat(CodePagesEncodingProvider.Instance.GetEncodings())
        .Select(encoding => encoding.Name)
        .Concat(["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be", "latin1", "ascii"])
        .Except(["utf-7"], StringComparer.OrdinalIgnoreCase)
        .Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>The encoding of a name; null where there is none, and for no name.</summary>
    public static Encoding? Find(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return null;
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The encoding whose byte-order mark stands first, and how long the mark is; null where there is none.</summary>
    public static Encoding? ByMark(ReadOnlySpan<byte> first, out int length)
    {
        foreach ((byte[] mark, Encoding encoding) in Marks)
        {
            if (!first.StartsWith(mark))
                continue;
            length = mark.Length;
            return encoding;
        }

        length = 0;
        return null;
    }

    /// <summary>Whether too few bytes were read to tell which byte-order mark stands first.</summary>
    public static bool MayBeginWithMark(ReadOnlySpan<byte> first)
    {
        foreach ((byte[] mark, _) in Marks)
        {
            if (first.Length < mark.Length && mark.AsSpan().StartsWith(first))
                return true;
        }

        return false;
    }

    /// <summary>Which encoding bytes with many NULs may be in; null where there are few, as in UTF-8.</summary>
    public static string? Likely(ReadOnlySpan<byte> first)
    {
        first = first[..Math.Min(first.Length, Looked)];
        Span<int> zeros = stackalloc int[4];
        for (int i = 0; i < first.Length; i++)
            zeros[i & 3] += first[i] == 0 ? 1 : 0;
        int total = zeros[0] + zeros[1] + zeros[2] + zeros[3];
        if (first.Length < 2 || total * 8 < first.Length)
            return null;
        if (total * 8 >= first.Length * 5)
            return zeros[0] > zeros[3] ? "utf-32be" : "utf-32le";
        return zeros[0] + zeros[2] > zeros[1] + zeros[3] ? "utf-16be" : "utf-16le";
    }
}
