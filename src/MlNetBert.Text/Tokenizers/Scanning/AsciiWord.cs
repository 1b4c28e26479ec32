using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>
/// A word of 1 to <see cref="Longest"/> printable ASCII characters, held in a register: most words of most texts. Each of its characters
/// stands for one of the text.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct AsciiWord
{
    /// <summary>The longest such word.</summary>
    public const int Longest = 15;

    /// <summary>How many characters <see cref="Load"/> reads.</summary>
    public const int BlockLength = 16;

    private static readonly byte[] Kept = [.. Enumerable.Repeat(byte.MaxValue, BlockLength), .. new byte[BlockLength]];

    /// <summary>Makes a word of the first characters that were loaded.</summary>
    /// <param name="block">The characters; those behind the word do not matter.</param>
    /// <param name="length">The word's length, from 1 to <see cref="Longest"/>.</param>
    /// <param name="blank">What a blank in it stands for, as ▁ for unigram models; the same for all words of a scanner.</param>
    /// <param name="addsBlank">Whether the blank that it begins with is not the text's, but stands in the place of the next
    /// character.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AsciiWord(Vector128<byte> block, int length, char blank = ' ', bool addsBlank = false)
    {
        Characters = block & Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(Kept), (nuint)(BlockLength - length));
        Length = length;
        Blank = blank;
        AddsBlank = addsBlank;
    }

    /// <summary>Its characters, zeros behind them: what it is known by.</summary>
    public Vector128<byte> Characters { get; }

    public int Length { get; }

    public char Blank { get; }

    public bool AddsBlank { get; }

    /// <summary>Loads sixteen characters; one that is not ASCII becomes a byte that is not, either.</summary>
    /// <param name="first">The first of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref readonly char first)
    {
        ref ushort units = ref Unsafe.As<char, ushort>(ref Unsafe.AsRef(in first));
        return Vector128.NarrowWithSaturation(Vector128.LoadUnsafe(ref units), Vector128.LoadUnsafe(ref units, 8));
    }

    /// <summary>Loads the characters of a text that may have fewer than sixteen; zeros follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadStart(ReadOnlySpan<char> text) =>
        text.Length >= BlockLength ? Load(in MemoryMarshal.GetReference(text)) : LoadEnd(text);

    /// <summary>What <see cref="LowerCase"/> takes to lower-case letters, or to leave them.</summary>
    public static Vector128<byte> CaseBit(bool lowers) => Vector128.Create(lowers ? (byte)('a' - 'A') : (byte)0);

    /// <summary>Lower-cases letters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowerCase(Vector128<byte> block, Vector128<byte> caseBit)
    {
        Vector128<byte> isUpper = Vector128.LessThan(block - Vector128.Create((byte)'A'), Vector128.Create((byte)26));
        return block | (isUpper & caseBit);
    }

    /// <summary>Writes the word as a model gets it.</summary>
    /// <param name="buffer">At least <see cref="BlockLength"/> characters.</param>
    /// <returns>The word, in the buffer.</returns>
    public ReadOnlySpan<char> WriteTo(Span<char> buffer)
    {
        (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(Characters);
        Span<ushort> units = MemoryMarshal.Cast<char, ushort>(buffer[..BlockLength]);
        lower.CopyTo(units);
        upper.CopyTo(units[8..]);
        Span<char> word = buffer[..Length];
        if (Blank != ' ')
            word.Replace(' ', Blank);
        return word;
    }

    /// <summary>The word as a model gets it.</summary>
    public override string ToString() => WriteTo(stackalloc char[BlockLength]).ToString();

    /// <summary>Says where its characters come from.</summary>
    /// <param name="start">Where the first comes from.</param>
    /// <param name="places">Room for the places.</param>
    /// <returns>The places.</returns>
    public ReadOnlySpan<TokenOffset> PlacesFrom(int start, Span<TokenOffset> places)
    {
        for (int i = 0; i < Length; i++)
            places[i] = new TokenOffset(start + i, start + i + 1);
        if (AddsBlank)
            places[0] = places[1];
        return places[..Length];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<byte> LoadEnd(ReadOnlySpan<char> text)
    {
        Span<char> block = stackalloc char[BlockLength];
        block.Clear();
        text.CopyTo(block);
        return Load(in block[0]);
    }
}
