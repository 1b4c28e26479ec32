using System.Runtime.InteropServices;

namespace MlNetBert;

/// <summary>How many entities were found. An entity is right where its type, its first and its last word are.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EntityCounts
{
    internal EntityCounts(long correct, long predicted, long actual)
    {
        Correct = correct;
        Predicted = predicted;
        Actual = actual;
    }

    /// <summary>Predicted entities that are right.</summary>
    public long Correct { get; internal init; }

    /// <summary>Entities that were predicted.</summary>
    public long Predicted { get; internal init; }

    /// <summary>Entities that there are.</summary>
    public long Actual { get; internal init; }

    /// <summary>Share of the predicted entities that are right; 0 where nothing was predicted.</summary>
    public double Precision => Share(Correct, Predicted);

    /// <summary>Share of the entities there are that were found; 0 where there are none.</summary>
    public double Recall => Share(Correct, Actual);

    /// <summary>The harmonic mean of precision and recall; 0 where both are.</summary>
    public double F1 => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
