namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>What the tables of compatibility.txt say of code points.</summary>
internal static class CompatibilityForms
{
    /// <summary>The first code point that any of the forms changes.</summary>
    public const int FirstCompatible = 0xA0;

    private static readonly Dictionary<int, int[]> Decompositions = [];
    private static readonly bool[] Marks = new bool[0x110000];

    static CompatibilityForms()
    {
        foreach ((_, int codePoint, int[] parts) in UnicodeFile.Read("compatibility.txt"))
        {
            if (parts.Length == 0)
                Marks[codePoint] = true;
            else
                Decompositions.Add(codePoint, parts);
        }
    }

    /// <summary>The full compatibility decomposition of a code point; empty where form D has the same.</summary>
    public static ReadOnlySpan<int> Decompose(int codePoint) =>
        codePoint < FirstCompatible ? default : Decompositions.GetValueOrDefault(codePoint);

    /// <summary>Whether a code point is a combining mark: one of the letter before it, with a width of its own or not.</summary>
    public static bool IsMark(int codePoint) => Marks[codePoint];
}
