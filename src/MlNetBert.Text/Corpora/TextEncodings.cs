using System.Text;
using System.Text.Unicode;

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

    private static readonly (byte[] Start, string Name)[] Packings =
    [
        ([0x1F, 0x8B, 8], "compressed (gzip)"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed (zstd)"),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "compressed (xz)"),
        ([(byte)'P', (byte)'K', 3, 4], "a zip (as .xlsx and .docx are)"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an Office document"),
        ("%PDF-"u8.ToArray(), "a PDF"),
    ];

    /// <summary>How many bytes must be UTF-8 to tell that they are no UTF-16 or UTF-32: a few ideographs may look like both.</summary>
    public const int Telling = 32;

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

    /// <summary>What bytes are that are no text by their beginning; null where that does not show.</summary>
    public static string? Packing(ReadOnlySpan<byte> first)
    {
        foreach ((byte[] start, string name) in Packings)
        {
            if (first.StartsWith(start))
                return name;
        }

        return null;
    }

    /// <summary>Whether the first bytes are UTF-8 without NULs; a character that they cut at the end does not matter.</summary>
    public static bool IsUtf8(ReadOnlySpan<byte> first, out bool isAscii)
    {
        first = first[..Math.Min(first.Length, Looked)];
        isAscii = !first.ContainsAnyExceptInRange((byte)1, (byte)0x7F);
        if (isAscii)
            return true;
        int cut = 0;
        while (cut < 3 && cut < first.Length && first[^(cut + 1)] >= 0x80)
            cut++;
        return !first.Contains((byte)0) && (Utf8.IsValid(first) || (first.Length == Looked && Utf8.IsValid(first[..^cut])));
    }

    /// <summary>Which encoding bytes with many NULs or other control characters may be in; null where there are few, as in UTF-8.</summary>
    public static string? Likely(ReadOnlySpan<byte> first)
    {
        first = first[..Math.Min(first.Length, Looked)];
        Span<int> zeros = stackalloc int[4];
        for (int i = 0; i < first.Length; i++)
            zeros[i & 3] += first[i] == 0 ? 1 : 0;
        int total = zeros[0] + zeros[1] + zeros[2] + zeros[3];
        if (first.Length < 2 || total * 8 < first.Length)
            return LikelyByHighBytes(first);
        if (total * 8 >= first.Length * 5)
            return zeros[0] > zeros[3] ? "utf-32be" : "utf-32le";
        return zeros[0] + zeros[2] > zeros[1] + zeros[3] ? "utf-16be" : "utf-16le";
    }

    /// <summary>
    /// UTF-16 without Latin letters: in Greek, Cyrillic, Hebrew, Arabic and others every second byte is mostly one and the same below 32,
    /// and the other may well be ASCII, so that the whole is valid UTF-8.
    /// </summary>
    private static string? LikelyByHighBytes(ReadOnlySpan<byte> first)
    {
        const int Fewest = 8;
        Span<int> counts = stackalloc int[2 * ' ']; // even places, then odd ones
        for (int i = 0; i < first.Length; i++)
        {
            if (first[i] < ' ' && first[i] is not ((byte)'\t' or (byte)'\n' or (byte)'\r'))
                counts[((i & 1) * ' ') + first[i]]++;
        }

        (int even, int odd) = (Most(counts[..' ']), Most(counts[' '..]));
        return first.Length < Fewest || Math.Max(even, odd) * 4 < first.Length ? null : even > odd ? "utf-16be" : "utf-16le";

        static int Most(ReadOnlySpan<int> numbers)
        {
            int most = 0;
            foreach (int number in numbers)
                most = Math.Max(most, number);
            return most;
        }
    }
}
