namespace Quickstart;

/// <summary>
/// The text that the example learns from: every shape of Facts/shapes.txt filled from the tables beside it, less the sentences that are asked.
/// Nothing in it is random: the same sentences in the same order on every machine.
/// </summary>
public sealed class Corpus
{
    /// <summary>Writes the corpus.</summary>
    public Corpus()
    {
        var tables = new Dictionary<string, FactTable>(StringComparer.Ordinal);
        FactTable Table(string name) => tables.TryGetValue(name, out var table) ? table : tables[name] = FactTable.Embedded(name);
        Sentences =
        [
            .. FactTable.EmbeddedLines("shapes").Select(SentenceShape.Parse)
                .SelectMany(shape => shape.Sentences(Table))
                .Distinct(StringComparer.Ordinal)
                .Where(sentence => !Question.All.Any(q => q.IsAnsweredBy(sentence)))
                .OrderBy(StableOrder.Of),
        ];
        HeldOut = [.. Sentences.Where((_, i) => i % 20 == 0)];
        Training = [.. Sentences.Where((_, i) => i % 20 != 0)];
    }

    /// <summary>All sentences, well mixed.</summary>
    public IReadOnlyList<string> Sentences { get; }

    /// <summary>Nineteen of twenty: the model learns from these.</summary>
    public IReadOnlyList<string> Training { get; }

    /// <summary>One of twenty: the model is measured on these.</summary>
    public IReadOnlyList<string> HeldOut { get; }
}
