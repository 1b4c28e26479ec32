using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Checkpoints;

/// <summary>Copies single weights between a model and a file, a few megabytes at a time.</summary>
internal static class WeightCopy
{
    private const long ChunkBytes = 16 << 20;

    /// <summary>The tensor type of a file's floating-point type; null for others.</summary>
    public static ScalarType? ToScalarType(SafetensorsDtype dtype) => dtype switch
    {
        SafetensorsDtype.F16 => ScalarType.Float16,
        SafetensorsDtype.BF16 => ScalarType.BFloat16,
        SafetensorsDtype.F32 => ScalarType.Float32,
        SafetensorsDtype.F64 => ScalarType.Float64,
        _ => null,
    };

    /// <summary>Refuses a tensor of the wrong shape or type.</summary>
    public static void Check(ModelWeight weight, ICheckpointWeights weights, string name)
    {
        var tensor = weights.Describe(name);
        if (!tensor.Shape.SequenceEqual(weight.Shape))
        {
            throw new ModelConfigFormatException(
                weights.Source,
                $"tensor '{name}' has the shape [{string.Join(", ", tensor.Shape)}], but the configuration asks for "
                    + $"[{string.Join(", ", weight.Shape)}]: config.json and the weights are not of one model.");
        }

        if (ToScalarType(tensor.Dtype) is null)
            throw new SafetensorsFormatException(
                weights.Source, $"tensor '{name}' has the type {tensor.Dtype.ToName()}; a weight must be F32, F16, BF16 or F64.", name);
    }

    /// <summary>Copies a tensor of the file into the model.</summary>
    public static void Read(ModelWeight weight, ICheckpointWeights weights, string name)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var type = ToScalarType(weights.Describe(name).Dtype)!.Value;
        using var source = weights.OpenRead(name);
        var target = weight.Slice();
        var rowBytes = source.Length / Math.Max(1, target.shape[0]);
        foreach (var (first, count) in Chunks(target.shape[0], rowBytes))
        {
            using var inner = NewDisposeScope();
            var rows = target.narrow(0, first, count);
            var direct = type == rows.dtype && rows.device_type == DeviceType.CPU && rows.is_contiguous();
            var staged = direct ? rows : empty(rows.shape, type, CPU);
            source.ReadExactly(staged.bytes);
            if (!direct)
                rows.copy_(staged);
        }
    }

    /// <summary>A tensor of the file with its own type.</summary>
    public static Tensor ReadTensor(ICheckpointWeights weights, string name)
    {
        var description = weights.Describe(name);
        var type = ToScalarType(description.Dtype) ?? description.Dtype switch
        {
            SafetensorsDtype.Bool => ScalarType.Bool,
            SafetensorsDtype.U8 => ScalarType.Byte,
            SafetensorsDtype.I8 => ScalarType.Int8,
            SafetensorsDtype.I16 => ScalarType.Int16,
            SafetensorsDtype.I32 => ScalarType.Int32,
            SafetensorsDtype.I64 => ScalarType.Int64,
            _ => throw new SafetensorsFormatException(
                weights.Source,
                $"tensor '{name}' has the type {description.Dtype.ToName()}, which is not read into tensors; convert it.",
                name),
        };
        using var scope = NewDisposeScope();
        var result = empty([.. description.Shape], type, CPU);
        if (description.ByteLength > 0)
        {
            // A scalar is a row of its own.
            var rows = result.reshape(description.Shape.Length == 0 ? 1 : description.Shape[0], -1);
            using var source = weights.OpenRead(name);
            var rowBytes = source.Length / rows.shape[0];
            foreach (var (first, count) in Chunks(rows.shape[0], rowBytes))
            {
                using var chunk = rows.narrow(0, first, count);
                source.ReadExactly(chunk.bytes);
            }
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Writes a weight as little-endian values, row-major.</summary>
    public static void Write(ModelWeight weight, ScalarType type, Stream stream)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var source = weight.Slice();
        foreach (var (first, count) in Chunks(source.shape[0], 4 * source.numel() / Math.Max(1, source.shape[0])))
        {
            using var inner = NewDisposeScope();
            var rows = source.narrow(0, first, count).to(type).cpu().contiguous();
            stream.Write(rows.bytes);
        }
    }

    private static IEnumerable<(long First, long Count)> Chunks(long rows, long rowBytes)
    {
        var step = Math.Max(1, ChunkBytes / Math.Max(1, rowBytes));
        for (long first = 0; first < rows; first += step)
            yield return (first, Math.Min(step, rows - first));
    }
}
