using System.Text.RegularExpressions;

namespace Quickstart;

/// <summary>
/// The shape of a sentence: text with places such as {animals.animal} for cells of the tables. Places of one table share a row; a shape over
/// several tables gives their cross product.
/// </summary>
public sealed partial class SentenceShape
{
    private readonly string _text;
    private readonly int _limit;

    private SentenceShape(string text, int limit) => (_text, _limit) = (text, limit);

    /// <summary>Reads a line of the form «limit | text»; the limit «all» keeps every sentence.</summary>
    public static SentenceShape Parse(string line)
    {
        var (limit, text) = line.Split('|', 2, StringSplitOptions.TrimEntries) is [var first, var second] ? (first, second) : ("all", line);
        return new SentenceShape(text, limit == "all" ? int.MaxValue : int.Parse(limit, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The sentences of this shape, at most its limit, the same ones every time.</summary>
    public IEnumerable<string> Sentences(Func<string, FactTable> tables)
    {
        var used = Place().Matches(_text).Select(m => m.Groups["table"].Value).Distinct().Select(tables).ToArray();
        var all = new List<string>();
        var rows = new int[used.Length];
        do
        {
            all.Add(Fill(used, rows));
        }
        while (Next(used, rows));

        return all.Count <= _limit ? all : all.OrderBy(StableOrder.Of).Take(_limit);
    }

    private static bool Next(FactTable[] used, int[] rows)
    {
        for (var i = rows.Length - 1; i >= 0; i--)
        {
            if (++rows[i] < used[i].Count)
                return true;
            rows[i] = 0;
        }

        return false;
    }

    private string Fill(FactTable[] used, int[] rows)
    {
        var sentence = Place().Replace(_text, place =>
        {
            var table = Array.FindIndex(used, t => t.Name == place.Groups["table"].Value);
            var word = used[table][rows[table], place.Groups["column"].Value];
            return !place.Groups["article"].Success ? word : "aeiou".Contains(char.ToLowerInvariant(word[0])) ? "an " + word : "a " + word;
        });
        return char.ToUpperInvariant(sentence[0]) + sentence[1..];
    }

    [GeneratedRegex(@"\{(?<article>a:)?(?<table>[a-z]+)\.(?<column>[a-z]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();
}
