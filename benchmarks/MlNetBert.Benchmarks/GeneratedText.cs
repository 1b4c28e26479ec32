using System.Text;

namespace MlNetBert.Benchmarks;

/// <summary>
/// Lines of made-up words in scripts beyond ASCII, the same in every run: words of random letters, each as often as Zipf's law has it by its
/// rank.
/// </summary>
internal static class GeneratedText
{
    private const int Words = 20_000;
    private const int Characters = 400_000;
    private const int LineLength = 300;

    /// <summary>The texts with their scripts, each line about as long as those of WikiText-2.</summary>
    public static IEnumerable<(string Script, string[] Lines)> All()
    {
        yield return ("Latin letters, a seventh of them with accents", Lines(
            "aaaaaaeeeeeeiiiooooouuurrrrsssstttnnnnlllddccmmppbfghvzáãâàéêíóõôúçäöüß", 2, 11, " ", ". "));
        yield return ("Cyrillic", Lines("ооооооааааееееиииинннтттсссррввллккммддппууяяыыьгзбчйхжшюцщэфё", 2, 12, " ", ". "));
        yield return ("Thai, blanks between phrases only", Lines(
            "กขคงจชซดตถทนบปผพมยรลวสหอ\u0E30\u0E31\u0E32\u0E34\u0E35\u0E37\u0E38\u0E39เแโใไ\u0E47\u0E48\u0E49", 2, 6, "", " "));
        yield return ("Chinese, no blanks", Lines([.. Enumerable.Range(0x4E00, 3_000).Select(code => (char)code)], 1, 3, "", "，"));
    }

    private static string[] Lines(ReadOnlySpan<char> letters, int shortest, int longest, string between, string behindPhrase)
    {
        var random = new Random(letters.Length);
        var words = new string[Words];
        for (var i = 0; i < words.Length; i++)
            words[i] = new string(random.GetItems(letters, random.Next(shortest, longest + 1)));
        var lines = new List<string>();
        for (var written = 0; written < Characters; written += lines[^1].Length)
        {
            var line = new StringBuilder();
            for (var place = 1; line.Length < LineLength; place++)
                line.Append(words[(int)Math.Pow(Words, random.NextDouble())]).Append(place % 8 == 0 ? behindPhrase : between);
            lines.Add(line.ToString());
        }

        return [.. lines];
    }
}
