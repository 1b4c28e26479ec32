using System.Runtime.InteropServices;

namespace MlNetBert;

/// <summary>A row that <see cref="EmbeddingIndex"/> found.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NearestRow
{
    internal NearestRow(long row, float score)
    {
        Row = row;
        Score = score;
    }

    /// <summary>Its number in the data that the index was built from, from 0.</summary>
    public long Row { get; internal init; }

    /// <summary>The cosine of the angle between its vector and the query, −1 to 1; 0 where one of them is all zeros.</summary>
    public float Score { get; internal init; }
}
