namespace MlNetBert.Models.Kernels;

/// <summary>
/// A dropout mask that is not stored: what each element's bits follow from, as <see cref="Layers.MaskGenerator"/> draws them.
/// </summary>
/// <param name="key">The mask's key.</param>
/// <param name="threshold">Elements whose sixteen bits are below are dropped; 0 drops none.</param>
/// <param name="scale">What the others are multiplied with.</param>
internal readonly struct DropoutKey(ulong key, int threshold, float scale)
{
    public readonly ulong Key = key;
    public readonly int Threshold = threshold;
    public readonly float Scale = scale;

    /// <summary>Zero or the scale for each of eight elements.</summary>
    /// <param name="index">Which eight.</param>
    public Float8 Factors(int index)
    {
        var low = Bits((ulong)index * 2);
        var high = Bits(((ulong)index * 2) + 1);
        var (first, second, third, fourth) = ((uint)low, (uint)(low >> 32), (uint)high, (uint)(high >> 32));
        return new Float8(
            Factor(first & 0xFFFF), Factor(first >> 16), Factor(second & 0xFFFF), Factor(second >> 16),
            Factor(third & 0xFFFF), Factor(third >> 16), Factor(fourth & 0xFFFF), Factor(fourth >> 16));
    }

    private float Factor(uint bits) => bits < (uint)Threshold ? 0f : Scale;

    private ulong Bits(ulong counter) => Layers.SplitMix64.Mix((counter * Layers.SplitMix64.Increment) + Key);
}
