using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Rows of a table that queries and keys look up by how far they are apart.</summary>
internal static class RelativeRows
{
    /// <summary>The row of each pair of a query and a key.</summary>
    /// <param name="byDistance">The rows of the distances key − query from −(sequence − 1) to sequence − 1.</param>
    /// <param name="device">Where.</param>
    /// <param name="queries">How many queries there are: the last ones of the sequence; null for all.</param>
    /// <returns>[queries, sequence], int64, queries before keys, in the caller's dispose scope.</returns>
    public static Tensor Of(long[] byDistance, Device device, long? queries = null)
    {
        using var scope = NewDisposeScope();
        var sequence = (byDistance.Length + 1) / 2;
        var count = queries ?? sequence;
        var places = TensorArithmetic.Range(sequence, device);
        var asking = places.narrow(0, sequence - count, count).Plus(1 - sequence).to(ScalarType.Int64);
        var distances = places.unsqueeze(0).sub(asking.unsqueeze(1));                        // 0 … 2 · sequence − 2
        return tensor(byDistance, ScalarType.Int64).to(device).index_select(0, distances.flatten()).view(count, sequence)
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The logarithms of distances in a unit, which decide where far distances share rows: with PyTorch's float32 roundings, because they
    /// matter where a row begins.
    /// </summary>
    /// <param name="count">The distances 0, 1, … below a number.</param>
    /// <param name="unit">The unit.</param>
    public static float[] Logarithms(long count, double unit)
    {
        using var scope = NewDisposeScope();
        return TensorArithmetic.Range(count, CPU).to(ScalarType.Float32).Over(unit).log().data<float>().ToArray();
    }
}
