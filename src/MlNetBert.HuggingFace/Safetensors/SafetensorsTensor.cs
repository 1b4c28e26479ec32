using System.Collections.Immutable;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>What a file says of one tensor.</summary>
[Experimental("MLNETBERT001")]
public sealed class SafetensorsTensor
{
    internal SafetensorsTensor(string name, SafetensorsDtype dtype, ImmutableArray<long> shape, long offset, long byteLength)
    {
        Name = name;
        Dtype = dtype;
        Shape = shape;
        Offset = offset;
        ByteLength = byteLength;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>The type of its values.</summary>
    public SafetensorsDtype Dtype { get; }

    /// <summary>Its shape; empty for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Its size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>How many values it has: the product of the shape.</summary>
    public long ElementCount => ByteLength / Dtype.ByteWidth();

    /// <summary>Where it begins in the buffer that follows the header, in bytes.</summary>
    public long Offset { get; }

    /// <summary>Such as <c>bert.pooler.dense.bias F32 [768]</c>.</summary>
    /// <returns>Name, type and shape.</returns>
    public override string ToString() => $"{Name} {Dtype.ToName()} [{string.Join(", ", Shape)}]";
}
