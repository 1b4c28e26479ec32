using System.Collections.Immutable;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>A class or function that a pickle names; it is never looked up, let alone called.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>Values in a row, of which tensors are windows.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Dtype">The type of its values; null for bytes whose type a tensor says.</param>
/// <param name="Count">Its values, or its bytes where the type is null.</param>
/// <param name="Start">Where it begins within the storage of that key, for a view of one in the older format.</param>
internal sealed record PickledStorage(string Key, SafetensorsDtype? Dtype, long Count, long Start = 0);

/// <summary>A tensor as a pickle describes it: a window of a storage.</summary>
/// <param name="Storage">Where its values are.</param>
/// <param name="Dtype">The type of its values.</param>
/// <param name="Offset">Its first value in the storage.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Strides">How far apart neighbors of each dimension are in the storage, in values.</param>
/// <param name="Count">How many values it has.</param>
internal sealed record PickledTensor(
    PickledStorage Storage, SafetensorsDtype Dtype, long Offset, ImmutableArray<long> Shape, ImmutableArray<long> Strides, long Count)
{
    /// <summary>Its size, in bytes.</summary>
    public long ByteLength => Count * Dtype.ByteWidth();

    /// <summary>How many values there are from its first to its last in the storage, both counted.</summary>
    public long Span => Count == 0 ? 0 : 1 + Shape.Zip(Strides, (size, stride) => (size - 1) * stride).Sum();

    /// <summary>Whether its values are in a row, in the order of its indexes.</summary>
    public bool IsContiguous
    {
        get
        {
            long step = 1;
            for (int dimension = Shape.Length - 1; dimension >= 0 && Count > 0; dimension--)
            {
                if (Shape[dimension] != 1 && Strides[dimension] != step)
                    return false;
                step *= Shape[dimension];
            }

            return true;
        }
    }
}
