namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>Some of a matrix's rows: what one thread goes through.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">Behind the last.</param>
/// <param name="Columns">Numbers of a row.</param>
internal readonly record struct Rows(long Start, long End, int Columns);
