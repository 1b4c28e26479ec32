namespace MlNetBert;

/// <summary>Precision, recall and F1 over whole entities, as seqeval (Nakayama 2018) and the CoNLL script count them by default.</summary>
public sealed class EntityMetrics
{
    internal EntityMetrics(IReadOnlyDictionary<string, EntityCounts> perType)
    {
        PerType = perType;
        Counts = perType.Values.Aggregate(default(EntityCounts), (sum, c) =>
            new EntityCounts(sum.Correct + c.Correct, sum.Predicted + c.Predicted, sum.Actual + c.Actual));
    }

    /// <summary>The counts of each type that there is or was predicted, by its name.</summary>
    public IReadOnlyDictionary<string, EntityCounts> PerType { get; }

    /// <summary>The counts over all types.</summary>
    public EntityCounts Counts { get; }

    /// <summary>Share of all predicted entities that are right; 0 where nothing was predicted.</summary>
    public double MicroPrecision => Counts.Precision;

    /// <summary>Share of all entities there are that were found; 0 where there are none.</summary>
    public double MicroRecall => Counts.Recall;

    /// <summary>The harmonic mean of <see cref="MicroPrecision"/> and <see cref="MicroRecall"/>: the figure that papers give.</summary>
    public double MicroF1 => Counts.F1;

    /// <summary>The mean of the types' precisions; 0 without types.</summary>
    public double MacroPrecision => Mean(c => c.Precision);

    /// <summary>The mean of the types' recalls; 0 without types.</summary>
    public double MacroRecall => Mean(c => c.Recall);

    /// <summary>The mean of the types' F1; 0 without types.</summary>
    public double MacroF1 => Mean(c => c.F1);

    private double Mean(Func<EntityCounts, double> figure) => PerType.Values.Select(figure).DefaultIfEmpty(0).Average();
}
