using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// GPT-2's alphabet: a visible character for each of the 256 bytes, so that a vocabulary of characters can spell any UTF-8 (Radford et al.
/// 2019).
/// </summary>
internal static class ByteCharacters
{
    /// <summary>The character of a blank.</summary>
    public const char Blank = '\u0120';

    private const int Shifted = 256; // where the characters of bytes that are not visible by themselves begin
    private const short None = -1;
    private static readonly char[] Characters = new char[256];
    private static readonly short[] Bytes = new short[Shifted + 68];

    static ByteCharacters()
    {
        Array.Fill(Bytes, None);
        int shifted = Shifted;
        for (int value = 0; value < 256; value++)
        {
            bool isVisible = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            Characters[value] = (char)(isVisible ? value : shifted++);
            Bytes[Characters[value]] = (short)value;
        }
    }

    /// <summary>The characters of all bytes, in the order of the bytes.</summary>
    public static IReadOnlyList<char> All => Characters;

    /// <summary>The character of a byte.</summary>
    public static char Of(byte value) => Characters[value];

    /// <summary>What stands for a byte in a vocabulary of characters that falls back to bytes.</summary>
    public static string NameOf(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    /// <summary>The byte that a piece such as <c>&lt;0x0A&gt;</c> stands for.</summary>
    public static bool TryGetNamed(string piece, out byte value)
    {
        value = 0;
        return piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[5] == '>'
            && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>The characters of a text's bytes in UTF-8.</summary>
    /// <param name="text">Valid UTF-16.</param>
    public static string Encode(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        int count = Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(count, bytes, (characters, utf8) =>
        {
            for (int i = 0; i < characters.Length; i++)
                characters[i] = Characters[utf8[i]];
        });
    }

    /// <summary>The bytes that the characters of a piece stand for; those of the piece itself where one of them stands for none.</summary>
    public static byte[] Decode(string piece)
    {
        byte[] bytes = new byte[piece.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            int value = piece[i] < Bytes.Length ? Bytes[piece[i]] : None;
            if (value == None)
                return Encoding.UTF8.GetBytes(piece);
            bytes[i] = (byte)value;
        }

        return bytes;
    }

    /// <summary>A text with the characters of its bytes, each in the place of the character that it is a byte of.</summary>
    /// <param name="text">The text.</param>
    /// <param name="words">Words of it, in their order; they become those of the result.</param>
    public static AlignedText Encode(AlignedText text, List<(int Start, int Length)> words)
    {
        var encoded = new AlignedText.Builder(text.Text.Length);
        int[] starts = new int[text.Text.Length + 1]; // where each unit's bytes begin
        Span<byte> bytes = stackalloc byte[4];
        int position = 0;
        foreach (Rune rune in text.Text.EnumerateRunes())
        {
            int length = rune.Utf16SequenceLength;
            starts.AsSpan(position, length).Fill(encoded.Text.Length);
            int count = rune.EncodeToUtf8(bytes);
            for (int i = 0; i < count; i++)
                encoded.Text.Append(Characters[bytes[i]]);
            encoded.PlaceAt(text.Original(new TokenOffset(position, position + length)));
            position += length;
        }

        starts[position] = encoded.Text.Length;
        for (int i = 0; i < words.Count; i++)
        {
            (int start, int length) = words[i];
            words[i] = (starts[start], starts[start + length] - starts[start]);
        }

        return encoded.Build();
    }
}
