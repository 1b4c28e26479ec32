using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Models.Checkpoints;

/// <summary>Compares tensors of a checkpoint by their values.</summary>
internal static class TensorValues
{
    private const int ValuesAtOnce = 1 << 20;

    /// <summary>
    /// Whether two tensors hold the same values: a copy in another number format does, where rounding one to the other's format gives it.
    /// </summary>
    public static bool AreSame(ICheckpointWeights weights, string first, string second)
    {
        var (one, other) = (weights.Describe(first), weights.Describe(second));
        return one.Shape.SequenceEqual(other.Shape)
            && ((one.Dtype == other.Dtype && Compare(weights, one, other, (a, b) => a.SequenceEqual(b)))
                || (one.Dtype.IsFloatingPoint() && other.Dtype.IsFloatingPoint()
                    && (RoundsTo(weights, one, other) || RoundsTo(weights, other, one))));
    }

    private static bool RoundsTo(ICheckpointWeights weights, SafetensorsTensor from, SafetensorsTensor to)
    {
        var values = new float[(int)Math.Min(ValuesAtOnce, Math.Max(1, from.ElementCount))];
        var others = new float[values.Length];
        var rounded = new byte[values.Length * to.Dtype.ByteWidth()];
        return Compare(weights, from, to, (a, b) =>
        {
            var count = a.Length / from.Dtype.ByteWidth();
            TensorConversion.ToSingle(a, from.Dtype, values.AsSpan(0, count));
            if (to.Dtype is SafetensorsDtype.F16 or SafetensorsDtype.BF16)
            {
                var bytes = rounded.AsSpan(0, count * to.Dtype.ByteWidth());
                TensorConversion.FromSingle(values.AsSpan(0, count), to.Dtype, bytes);
                TensorConversion.ToSingle(bytes, to.Dtype, values.AsSpan(0, count));
            }

            TensorConversion.ToSingle(b, to.Dtype, others.AsSpan(0, count));
            for (var i = 0; i < count; i++)
            {
                if (values[i] != others[i] && !(float.IsNaN(values[i]) && float.IsNaN(others[i])))
                    return false;
            }

            return true;
        });
    }

    private static bool Compare(ICheckpointWeights weights, SafetensorsTensor first, SafetensorsTensor second, PartComparison areSame)
    {
        using var one = weights.OpenRead(first.Name);
        using var other = weights.OpenRead(second.Name);
        var left = new byte[(int)Math.Min(ValuesAtOnce, first.ElementCount) * first.Dtype.ByteWidth()];
        var right = new byte[(int)Math.Min(ValuesAtOnce, first.ElementCount) * second.Dtype.ByteWidth()];
        for (long at = 0; at < first.ElementCount; at += ValuesAtOnce)
        {
            var count = (int)Math.Min(ValuesAtOnce, first.ElementCount - at);
            var (here, there) = (left.AsMemory(0, count * first.Dtype.ByteWidth()), right.AsMemory(0, count * second.Dtype.ByteWidth()));
            one.ReadExactly(here.Span);
            other.ReadExactly(there.Span);
            if (!areSame(here.Span, there.Span))
                return false;
        }

        return true;
    }

    private delegate bool PartComparison(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second);
}
