using System.Globalization;

namespace MlNetBert.NamedEntities;

/// <summary>Counts entities sentence by sentence. Not thread-safe.</summary>
[Experimental("MLNETBERT001")]
public sealed class EntityEvaluator
{
    private readonly SortedDictionary<string, EntityCounts> _counts = new(StringComparer.Ordinal);

    /// <summary>Measures sentences.</summary>
    /// <param name="actual">The tags that are right, a list a sentence.</param>
    /// <param name="predicted">The tags that were predicted, of the same lengths.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="ArgumentException">A tag is none, or the numbers of sentences or words differ.</exception>
    public static EntityMetrics Evaluate(IEnumerable<IReadOnlyList<string>> actual, IEnumerable<IReadOnlyList<string>> predicted)
    {
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(predicted);
        var (left, right) = (actual.ToList(), predicted.ToList());
        RequireEqual("sentences", left.Count, right.Count);
        var evaluator = new EntityEvaluator();
        for (var i = 0; i < left.Count; i++)
            evaluator.Add(left[i], right[i]);
        return evaluator.Result();
    }

    /// <summary>Adds a sentence.</summary>
    /// <param name="actual">The tags of its words that are right.</param>
    /// <param name="predicted">The tags that were predicted.</param>
    /// <exception cref="ArgumentException">A tag is none, or the numbers of words differ.</exception>
    public void Add(IReadOnlyList<string> actual, IReadOnlyList<string> predicted)
    {
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(predicted);
        RequireEqual("words of a sentence", actual.Count, predicted.Count);
        var (entities, found) = (BioTags.Decode(actual), BioTags.Decode(predicted));
        foreach (var entity in entities)
            Count(entity.Label, new EntityCounts(0, 0, 1));
        foreach (var entity in found)
            Count(entity.Label, new EntityCounts(0, 1, 0));
        foreach (var entity in entities.Intersect(found))
            Count(entity.Label, new EntityCounts(1, 0, 0));
    }

    /// <summary>The figures over the sentences so far.</summary>
    /// <returns>The figures.</returns>
    public EntityMetrics Result() => new(new SortedDictionary<string, EntityCounts>(_counts, StringComparer.Ordinal));

    private void Count(string label, EntityCounts more)
    {
        _counts.TryGetValue(label, out var counts);
        _counts[label] = new EntityCounts(counts.Correct + more.Correct, counts.Predicted + more.Predicted, counts.Actual + more.Actual);
    }

    private static void RequireEqual(string what, int actual, int predicted)
    {
        if (actual != predicted)
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture,
                    $"Expected as many predicted {what} as there are: {actual}, found {predicted}."),
                nameof(predicted));
    }
}
