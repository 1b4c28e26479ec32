using System.Runtime.Intrinsics;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>A row of a dropout mask, drawn where it is needed: the same as <see cref="MaskGenerator"/> fills.</summary>
/// <typeparam name="V">The lanes.</typeparam>
internal static unsafe class DropoutRow<V>
    where V : struct, ILanes<V>
{
    private const int Lanes = 16; // elements whose bits are drawn together

    /// <summary>Numbers that <see cref="Draw"/> needs the memory of.</summary>
    public static int Length(int columns, DropoutKey key) => key.Threshold > 0 ? columns + (2 * Lanes) : 0;

    /// <summary>Draws what each element is multiplied with: 0 or the mask's scale.</summary>
    /// <param name="key">The mask.</param>
    /// <param name="first">The index of the row's first element.</param>
    /// <param name="columns">How many elements.</param>
    /// <param name="buffer">Memory for <see cref="Length"/> numbers.</param>
    /// <returns>The first factor, and behind the last no memory that must not be read for fifteen more; null where nothing is
    /// dropped.</returns>
    public static float* Draw(DropoutKey key, long first, int columns, float* buffer)
    {
        if (key.Threshold == 0)
            return null;
        var limit = Vector256.Create((ushort)key.Threshold);
        var scale = V.All(key.Scale);
        var block = first / Lanes;
        var before = (int)(first % Lanes);
        for (var i = 0; i < before + columns; i += Lanes, block++)
        {
            var kept = Vector256.GreaterThanOrEqual(MaskGenerator.Bits(block, key.Key), limit).AsInt16(); // all bits of an element, or none
            V.StoreWhere(kept, scale, buffer + i);
        }

        return buffer + before;
    }
}
