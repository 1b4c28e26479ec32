namespace MlNetBert.Processors.Tests;

/// <summary>What a child found.</summary>
/// <param name="VectorBits">The widest vectors that .NET takes, in bits.</param>
/// <param name="Compared">How many results were compared.</param>
/// <param name="Faults">Those that were off, in words.</param>
internal sealed record NumbersResult(int VectorBits, int Compared, IReadOnlyList<string> Faults);
