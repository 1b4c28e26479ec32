using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>
/// Single values: numbers, texts, keys, dates, row ids, and objects of registered types such as images. An object is handed on as the
/// source gave it, a new one for each row, and belongs to the consumer then.
/// </summary>
internal sealed class CarriedValues<T> : CarriedColumn
{
    /// <summary>What an object of an unknown type is taken to hold: an image of 800 × 600 pixels.</summary>
    private const long BytesOfAnObject = 2 << 20;

    private readonly ValueGetter<T> _read;
    private readonly bool _isObject;
    private T[] _values = new T[16];

    public CarriedValues(DataViewRow row, DataViewSchema.Column column, Func<int> place)
    {
        _read = row.GetGetter<T>(column);
        _isObject = column.Type is not PrimitiveDataViewType;
        Getter = (ValueGetter<T>)((ref T value) => value = _values[place()]);
    }

    public override Delegate Getter { get; }

    public override long Read(int place)
    {
        if (place == _values.Length)
            Array.Resize(ref _values, 2 * place);
        ref var value = ref _values[place];
        if (_isObject)
            value = default!; // sources may dispose of the object that they are given to write over, and the consumer has it
        _read(ref value);
        var more = _values is ReadOnlyMemory<char>[] texts ? CarriedText.Keep(ref texts[place]) : _isObject ? BytesOfAnObject : 0;
        return Unsafe.SizeOf<T>() + more;
    }
}
