using System.Globalization;
using System.Reflection;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// The tables of unicode.txt: code points as Hugging Face sees them, whatever version of Unicode the runtime has and whether it has ICU or
/// not.
/// </summary>
internal static class UnicodeTables
{
    private const int CodePoints = 0x110000;
    private const string Resource = "MlNetBert.Text.Tokenizers.Normalizers.unicode.txt";
    private static readonly CharacterClass[] ClassTable = new CharacterClass[CodePoints];
    private static readonly Dictionary<int, string> StripTable = [];
    private static readonly Dictionary<int, string> LowerTable = [];

    static UnicodeTables()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {Resource}. Build it anew.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            int blank = line.IndexOf(' ', StringComparison.Ordinal);
            foreach (string item in line[(blank + 1)..].Split(' '))
                Add(line[..blank], item);
        }

        MarkIdeographs();
    }

    /// <summary>The class of a code point.</summary>
    public static CharacterClass ClassOf(int codePoint) => ClassTable[codePoint];

    /// <summary>What stripping accents leaves of a code point that is no mark, or null where that is the code point itself.</summary>
    public static string? Strip(int codePoint)
    {
        if (codePoint is >= 0xAC00 and <= 0xD7A3)
            return DecomposeHangul(codePoint - 0xAC00);
        return StripTable.GetValueOrDefault(codePoint);
    }

    /// <summary>The lower case of a code point where the runtime may not know it yet, else null.</summary>
    public static string? LowerCase(int codePoint) => LowerTable.GetValueOrDefault(codePoint);

    private static void Add(string kind, string item)
    {
        string[] sides = item.Split('=');
        string[] ends = sides[0].Split('-');
        int first = Parse(ends[0]);
        int last = Parse(ends[^1]);
        string? target = sides.Length == 2 ? string.Concat(sides[1].Split('+').Select(part => char.ConvertFromUtf32(Parse(part)))) : null;
        Dictionary<int, string> table = string.Equals(kind, "lower", StringComparison.Ordinal) ? LowerTable : StripTable;
        CharacterClass characterClass = target is null ? Enum.Parse<CharacterClass>(kind, ignoreCase: true) : default;
        for (int codePoint = first; codePoint <= last; codePoint++)
        {
            if (target is null)
                ClassTable[codePoint] |= characterClass;
            else
                table.Add(codePoint, last > first ? char.ConvertFromUtf32(Parse(sides[1]) + codePoint - first) : target);
        }
    }

    private static int Parse(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // The blocks that BERT's reference tokenizer calls Chinese; that extension E begins at 2B920, not 2B820, is Hugging Face's reading.
    private static void MarkIdeographs()
    {
        ReadOnlySpan<(int First, int Last)> blocks =
        [
            (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF),
            (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF), (0x2F800, 0x2FA1F),
        ];
        foreach ((int first, int last) in blocks)
            ClassTable.AsSpan(first, last - first + 1).Fill(CharacterClass.Ideograph);
    }

    private static string DecomposeHangul(int index)
    {
        char lead = (char)(0x1100 + (index / 588));
        char vowel = (char)(0x1161 + (index % 588 / 28));
        int tail = index % 28;
        return tail == 0 ? $"{lead}{vowel}" : $"{lead}{vowel}{(char)(0x11A7 + tail)}";
    }
}
