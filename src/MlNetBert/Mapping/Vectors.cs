using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>Vectors as ML.NET's columns hold them.</summary>
internal static class Vectors
{
    /// <summary>A getter that gives a dense vector.</summary>
    public static ValueGetter<VBuffer<T>> Getter<T>(Func<ReadOnlySpan<T>> current) => (ref VBuffer<T> destination) =>
    {
        var values = current();
        var editor = VBufferEditor.Create(ref destination, values.Length);
        values.CopyTo(editor.Values);
        destination = editor.Commit();
    };

    /// <summary>A getter over a list, an item a value.</summary>
    public static ValueGetter<VBuffer<T>> Getter<TItem, T>(Func<IReadOnlyList<TItem>> current, Func<TItem, T> select) =>
        Getter<T>(() => current().Select(select).ToArray());

    /// <summary>Slot names NAME.0, NAME.1 …</summary>
    public static DataViewSchema.Annotations NumberedSlots(string name, int count)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddSlotNames(count,
            Getter<ReadOnlyMemory<char>>(() =>
                Enumerable.Range(0, count).Select(i => (name + "." + i.ToString(CultureInfo.InvariantCulture)).AsMemory()).ToArray()));
        return annotations.ToAnnotations();
    }
}
