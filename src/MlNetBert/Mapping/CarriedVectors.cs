using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>Vectors, dense or sparse, of known or of any size.</summary>
internal sealed class CarriedVectors<T> : CarriedColumn
{
    private readonly ValueGetter<VBuffer<T>> _read;
    private VBuffer<T>[] _values = new VBuffer<T>[16];

    public CarriedVectors(DataViewRow row, DataViewSchema.Column column, Func<int> place)
    {
        _read = row.GetGetter<VBuffer<T>>(column);
        Getter = (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[place()].CopyTo(ref value));
    }

    public override Delegate Getter { get; }

    public override long Read(int place)
    {
        if (place == _values.Length)
            Array.Resize(ref _values, 2 * place);
        _read(ref _values[place]);
        var values = _values[place].GetValues();
        return ((long)values.Length * (Unsafe.SizeOf<T>() + (values.Length < _values[place].Length ? sizeof(int) : 0)))
            + (_values is VBuffer<ReadOnlyMemory<char>>[] texts ? KeepTexts(ref texts[place]) : 0);
    }

    private static long KeepTexts(ref VBuffer<ReadOnlyMemory<char>> vector)
    {
        var editor = VBufferEditor.CreateFromBuffer(ref vector);
        long bytes = 0;
        foreach (ref var text in editor.Values)
            bytes += CarriedText.Keep(ref text);
        vector = editor.Commit();
        return bytes;
    }
}
