using System.Runtime.InteropServices;

namespace MlNetBert;

/// <summary>A row that <see cref="EmbeddingIndex"/> found.</summary>
/// <param name="Row">Its number in the data that the index was built from, from 0.</param>
/// <param name="Score">The cosine of the angle between its vector and the query, −1 to 1; 0 where one of them is all zeros.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NearestRow(long Row, float Score);
