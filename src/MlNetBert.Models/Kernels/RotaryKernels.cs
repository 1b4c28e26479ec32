using ILGPU;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// Rotary position embeddings (Su et al. 2021, arXiv:2104.09864) where queries and keys lie, beside their values: in one pass, in place.
/// </summary>
internal static class RotaryKernels
{
    /// <summary>
    /// Turns each half-pair (i, i + width / 2) of every query's and key's head by its position's angle. The way back is a turn by the
    /// opposite angle.
    /// </summary>
    /// <param name="queryKeyValue">[rows, 3, heads, width]: a row is a token, its position the row's number modulo the sequence's length;
    /// changed.</param>
    /// <param name="cosine">[sequence, width / 2].</param>
    /// <param name="sine">[sequence, width / 2].</param>
    /// <param name="shape">Rows, and eights of numbers that a row's queries are.</param>
    /// <param name="half">Eights of numbers that half of a head is.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    /// <param name="direction">1 there, −1 back.</param>
    public static void Turn(
        ArrayView<BFloat16x8> queryKeyValue,
        ArrayView<Float8> cosine,
        ArrayView<Float8> sine,
        RowShape shape,
        int half,
        int sequence,
        float direction)
    {
        var pair = Group.IdxX;
        if (pair >= shape.Width)
            return;
        var inHalf = pair % half;
        var offset = (pair / half * 2 * half) + inHalf; // queries' heads, then keys': as many pairs as a row's queries are eights
        for (var row = (Grid.IdxX * Group.DimY) + Group.IdxY; row < shape.Rows; row += Grid.DimX * Group.DimY)
        {
            var index = (3 * row * shape.Width) + offset;
            var angle = (row % sequence * half) + inHalf;
            var first = BFloat16x8.Widen(queryKeyValue[index]);
            var second = BFloat16x8.Widen(queryKeyValue[index + half]);
            var c = cosine[angle];
            var s = sine[angle] * direction;
            queryKeyValue[index] = BFloat16x8.Round((first * c) + (second * s * -1f));
            queryKeyValue[index + half] = BFloat16x8.Round((second * c) + (first * s));
        }
    }
}
