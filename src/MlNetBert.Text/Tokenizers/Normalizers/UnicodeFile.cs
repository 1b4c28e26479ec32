using System.Globalization;
using System.Reflection;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// The tables of Unicode that this assembly holds, so that neither ICU nor the runtime's version of Unicode matters: a kind and its code
/// points a line, ranges with a hyphen, what they become behind an equals sign; comments begin with #.
/// </summary>
internal static class UnicodeFile
{
    /// <summary>Reads a table.</summary>
    /// <param name="name">The name of the file, such as unicode.txt.</param>
    /// <returns>
    /// For each code point its kind and what it becomes, empty where nothing is said. In a range the first code point of the target goes
    /// with the code point.
    /// </returns>
    public static IEnumerable<(string Kind, int CodePoint, int[] Target)> Read(string name)
    {
        string resource = $"MlNetBert.Text.Tokenizers.Normalizers.{name}";
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {resource}. Build it anew.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            string[] items = line.Split(' ');
            for (int i = 1; i < items.Length; i++)
            {
                string[] sides = items[i].Split('=');
                string[] ends = sides[0].Split('-');
                (int first, int last) = (Parse(ends[0]), Parse(ends[^1]));
                int[] target = sides.Length == 1 ? [] : [.. sides[1].Split('+').Select(Parse)];
                for (int codePoint = first; codePoint <= last; codePoint++)
                    yield return (items[0], codePoint, target is [var head, .. var rest] ? [head + codePoint - first, .. rest] : []);
            }
        }
    }

    private static int Parse(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
