using System.Text.RegularExpressions;
using Quickstart;

namespace Objectives;

/// <summary>
/// The Portuguese texts, one or two sentences each: every shape of Facts/shapes.txt filled from the tables beside it, less what the lesson
/// asks. Nothing in it is random: the same texts in the same order on every machine.
/// </summary>
public sealed partial class Corpus
{
    /// <summary>One text of so many is held out.</summary>
    private const int HeldOutEvery = 10;

    /// <summary>Writes the corpus.</summary>
    public Corpus()
    {
        var tables = new Dictionary<string, FactTable>(StringComparer.Ordinal);
        FactTable Table(string name) => tables.TryGetValue(name, out var table) ? table : tables[name] = FactTable.Embedded(name);
        string[] all =
        [
            .. FactTable.EmbeddedLines("shapes").Select(SentenceShape.Parse)
                .SelectMany(shape => shape.Sentences(Table))
                .Select(text => SecondSentence().Replace(text, start => start.Value.ToUpperInvariant()))
                .Distinct(StringComparer.Ordinal)
                .Where(text => !IsAsked().IsMatch(text))
                .OrderBy(StableOrder.Of),
        ];
        HeldOut = [.. all.Where((_, i) => i % HeldOutEvery == 0)];
        Training = [.. all.Where((_, i) => i % HeldOutEvery != 0)];
        Quiz = [.. HeldOut.Where(text => ColorAndManner().IsMatch(text))];
        Nouns =
        [
            .. new[] { ("animals", "animal"), ("things", "thing"), ("trees", "tree"), ("trades", "trade") }
                .SelectMany(kind => Enumerable.Range(0, Table(kind.Item1).Count).Select(row => (kind, table: Table(kind.Item1), row)))
                .Select(n => new Noun { Kind = n.kind.Item1, Text = $"Aqui está {n.table[n.row, "o"]} {n.table[n.row, n.kind.Item2]}." }),
        ];
    }

    /// <summary>Nine of ten texts: the models learn from these.</summary>
    public IReadOnlyList<string> Training { get; }

    /// <summary>One of ten: losses are measured on these.</summary>
    public IReadOnlyList<string> HeldOut { get; }

    /// <summary>
    /// The held-out texts whose second and last word follow from the others, such as "A ovelha branca pulou alto.": who is of that color,
    /// and how that is done.
    /// </summary>
    public IReadOnlyList<string> Quiz { get; }

    /// <summary>Every noun of four tables, in words that say nothing about its kind.</summary>
    public IReadOnlyList<Noun> Nouns { get; }

    // With any words in the gaps that the lesson leaves open, not only the right ones.
    [GeneratedRegex(@"\bo gato \w+ \w+ (sofá|carro)|o gato subiu na árvore\. Ele não|\bo \w+ preto correu \w+",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsAsked();

    [GeneratedRegex(@"(?<=\. )\w", RegexOptions.None, 1000)]
    private static partial Regex SecondSentence();

    [GeneratedRegex(@"^[OA] \w+ \w+ (correu|andou|pulou|dormiu|comeu|voltou|brincou) \w+\.$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ColorAndManner();
}
