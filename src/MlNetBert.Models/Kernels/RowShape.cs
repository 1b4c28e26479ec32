namespace MlNetBert.Models.Kernels;

/// <summary>The shape of what a kernel goes through.</summary>
/// <param name="rows">Rows.</param>
/// <param name="width">Eights of numbers in a row.</param>
internal readonly struct RowShape(int rows, int width)
{
    public readonly int Rows = rows;
    public readonly int Width = width;
}
