namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// The tables of unicode.txt: code points as Hugging Face sees them, whatever version of Unicode the runtime has and whether it has ICU or
/// not.
/// </summary>
internal static class UnicodeTables
{
    private const int CodePoints = 0x110000;
    private static readonly CharacterClass[] ClassTable = new CharacterClass[CodePoints];
    private static readonly Dictionary<int, string> StripTable = [];
    private static readonly Dictionary<int, string> LowerTable = [];

    static UnicodeTables()
    {
        foreach ((string kind, int codePoint, int[] target) in UnicodeFile.Read("unicode.txt"))
        {
            if (target.Length == 0)
                ClassTable[codePoint] |= Enum.Parse<CharacterClass>(kind, ignoreCase: true);
            else
                (string.Equals(kind, "lower", StringComparison.Ordinal) ? LowerTable : StripTable)
                    .Add(codePoint, string.Concat(target.Select(char.ConvertFromUtf32)));
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
