using MlNetBert.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>Tensors out of the plain arrays of a batch.</summary>
internal static class BatchTensors
{
    /// <summary>int64 [rows, columns] of row-by-row values.</summary>
    public static Tensor Matrix(int[] values, int rows, int columns, Device device) => Vector(values, device).reshape(rows, columns);

    /// <summary>int64 [values].</summary>
    public static Tensor Vector(int[] values, Device device)
    {
        if (device.type == DeviceType.CPU)
            return tensor(values).to(ScalarType.Int64);
        // From pinned memory the copy goes on while the host prepares the next; the narrow type halves it.
        using var host = tensor(values);
        using var pinned = host.pin_memory();
        using var copied = pinned.to(device, non_blocking: true);
        return copied.to(ScalarType.Int64);
    }

    /// <summary>int64 [rows, columns]: 1 before each row's length, 0 from there on.</summary>
    public static Tensor AttentionMask(int[] lengths, int columns, Device device)
    {
        using var scope = NewDisposeScope();
        var positions = TensorArithmetic.Range(columns, device).unsqueeze(0); // [1, columns]
        var ends = Vector(lengths, device).unsqueeze(1); // [rows, 1]
        return positions.lt(ends).to(ScalarType.Int64).MoveToOuterDisposeScope();
    }
}
