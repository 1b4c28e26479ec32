namespace MlNetBert.Models.Kernels;

/// <summary>How threads go through rows: groups of lines, each of which takes a row at a time.</summary>
/// <param name="Groups">Groups of threads.</param>
/// <param name="Columns">Threads of a line.</param>
/// <param name="Lines">Lines of a group.</param>
/// <param name="Shape">What they go through.</param>
internal readonly record struct LineLayout(int Groups, int Columns, int Lines, RowShape Shape)
{
    /// <summary>Lines of all groups.</summary>
    public long Count => (long)Groups * Lines;
}
