using System.Buffers.Binary;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// A charsmap of SentencePiece: characters or short runs of them, as UTF-8, and what becomes of them. Its bytes are the length of a double
/// array (darts-clone), the array, and the replacements, each closed by a zero.
/// </summary>
internal sealed class CharacterTrie
{
    private readonly uint[] _units;
    private readonly Dictionary<int, string> _replacements = [];
    private readonly string?[] _ascii = new string?[128];

    /// <summary>Reads a charsmap.</summary>
    /// <exception cref="FormatException">It is none, or is cut short; the message says why, as a sentence that the charsmap
    /// begins.</exception>
    public CharacterTrie(ReadOnlySpan<byte> bytes)
    {
        uint size = bytes.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        if (size == 0 || size % 4 != 0 || size > bytes.Length - 4)
            throw new FormatException(FormattableString.Invariant(
                $"must begin with the length of its trie, but has {bytes.Length} bytes and says {size}"));
        _units = new uint[size / 4];
        for (int i = 0; i < _units.Length; i++)
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + (4 * i))..]);
        ReadOnlySpan<byte> replacements = bytes[(4 + (int)size)..];
        if (replacements.IsEmpty || replacements[^1] != 0)
            throw new FormatException("must end with a zero behind its last replacement, but is cut short");
        Check(replacements);
        for (int character = 1; character < 128; character++)
            _ascii[character] = Find([(byte)character]);
    }

    /// <summary>What becomes of an ASCII character by itself; null where it stays.</summary>
    public string? Find(char ascii) => _ascii[ascii];

    /// <summary>What becomes of a text whose beginning the trie knows, the shortest that it knows; null where it stays.</summary>
    public string? Find(ReadOnlySpan<byte> text)
    {
        uint position = OffsetOf(_units[0]);
        foreach (byte label in text)
        {
            if (label == 0)
                break;
            position ^= label;
            uint unit = _units[position];
            if (LabelOf(unit) != label)
                break;
            position ^= OffsetOf(unit);
            if (HasLeaf(unit))
                return _replacements[ValueOf(_units[position])];
        }

        return null;
    }

    private static bool HasLeaf(uint unit) => ((unit >> 8) & 1) == 1;

    private static int ValueOf(uint unit) => (int)(unit & 0x7FFFFFFF);

    private static uint LabelOf(uint unit) => unit & 0x800000FF;

    private static uint OffsetOf(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    /// <summary>Walks through all of the trie, so that no lookup leaves it, and reads the replacements.</summary>
    private void Check(ReadOnlySpan<byte> replacements)
    {
        var seen = new bool[_units.Length];
        var open = new Stack<uint>([OffsetOf(_units[0])]);
        while (open.TryPop(out uint position))
        {
            for (uint label = 1; label < 256; label++)
            {
                uint child = position ^ label;
                if (child >= _units.Length)
                    throw Beyond();
                uint unit = _units[child];
                if (LabelOf(unit) != label || seen[child])
                    continue;
                seen[child] = true;
                uint next = child ^ OffsetOf(unit);
                if (next >= _units.Length)
                    throw Beyond();
                if (HasLeaf(unit))
                    Add(ValueOf(_units[next]), replacements);
                open.Push(next);
            }
        }
    }

    private void Add(int value, ReadOnlySpan<byte> replacements)
    {
        if (value >= replacements.Length)
            throw new FormatException(FormattableString.Invariant(
                $"must have a replacement at {value}, but its replacements end at {replacements.Length}: it is cut short"));
        if (_replacements.ContainsKey(value))
            return;
        if (value > 0 && replacements[value - 1] != 0) // else a small file could ask for any amount of memory
            throw new FormatException(FormattableString.Invariant(
                $"must have a replacement that begins at {value}, but that is in the middle of one: it is damaged"));
        ReadOnlySpan<byte> bytes = replacements[value..];
        bytes = bytes[..bytes.IndexOf((byte)0)];
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            throw new FormatException(FormattableString.Invariant($"must have UTF-8 for its replacement at {value}"));
        _replacements.Add(value, Encoding.UTF8.GetString(bytes));
    }

    private FormatException Beyond() => new(FormattableString.Invariant(
        $"has a trie of {_units.Length} units that leads beyond its end: it is cut short or damaged"));
}
