using System.Globalization;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Data.IO;
using Microsoft.ML.Runtime;
using MlNetBert.Interop;

namespace MlNetBert.Classification;

/// <summary>The labels of a key column: how many, their values where the column tells them, and their names. Immutable.</summary>
internal class LabelValues
{
    private const string File = "labels.bin";

    /// <summary>Labels whose column tells no values: they are called as Hugging Face calls them.</summary>
    protected LabelValues(IReadOnlyList<string> names) => Names = names;

    /// <summary>How many.</summary>
    public int Count => Names.Count;

    /// <summary>The names in the order of the key, raw value = place + 1.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Whether the column tells values.</summary>
    public virtual bool HasValues => false;

    /// <summary>The labels of a key column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Two labels have one name.</exception>
    public static LabelValues Of(DataViewSchema.Column column)
    {
        var count = checked((int)((KeyDataViewType)column.Type).Count);
        if (column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)?.Type is not VectorDataViewType type
            || type.Size != count)
            return new LabelValues(Unnamed(count));
        var labels = (LabelValues)Activator.CreateInstance(
            typeof(TypedLabelValues<>).MakeGenericType(type.ItemType.RawType), column.Annotations, type)!;
        return labels.Names.Distinct(StringComparer.Ordinal).Count() == count
            ? labels
            : throw new ArgumentOutOfRangeException("labelColumnName",
                $"The values of label column '{column.Name}' must have different names, found "
                    + $"{string.Join(", ", labels.Names.Take(10).Select(n => $"'{n}'"))}.");
    }

    /// <summary>Labels whose values are texts.</summary>
    public static LabelValues Named(IReadOnlyList<string> names) => new TypedLabelValues<ReadOnlyMemory<char>>(
        new VectorDataViewType(TextDataViewType.Instance, names.Count),
        new VBuffer<ReadOnlyMemory<char>>(names.Count, [.. names.Select(name => name.AsMemory())]));

    /// <summary>Adds the values as an annotation; nothing where there are none.</summary>
    /// <param name="annotations">The annotations of a column.</param>
    /// <param name="kind">The annotation's name.</param>
    public virtual void AddValues(DataViewSchema.Annotations.Builder annotations, string kind)
    {
    }

    /// <summary>Adds the names as slot names; nothing where there are no values.</summary>
    public void AddSlotNames(DataViewSchema.Annotations.Builder annotations)
    {
        if (!HasValues)
            return;
        annotations.AddSlotNames(Count, (ref VBuffer<ReadOnlyMemory<char>> names) =>
        {
            var editor = VBufferEditor.Create(ref names, Count);
            for (var i = 0; i < Count; i++)
                editor.Values[i] = Names[i].AsMemory();
            names = editor.Commit();
        });
    }

    /// <summary>Saves the labels beside a transformer.</summary>
    public void Save(IHostEnvironment environment, ModelSaveContext ctx)
    {
        ctx.Writer.Write(HasValues);
        ctx.Writer.Write(Count);
        if (!HasValues)
            return;
        using var values = new MemoryStream();
        Write(new BinarySaver(environment, new BinarySaver.Arguments()), values);
        ModelBlobs.Write(ctx, File, stream =>
        {
            stream.Write(SHA256.HashData(values.ToArray()));
            values.WriteTo(stream);
        });
    }

    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public static LabelValues Load(IHostEnvironment environment, ModelLoadContext ctx)
    {
        var (hasValues, count) = (ctx.Reader.ReadBoolean(), ctx.Reader.ReadInt32());
        if (count < 2)
            throw new ModelFormatException(File, $"expected at least 2 labels, found {count}. Save the model again.");
        if (!hasValues)
            return new LabelValues(Unnamed(count));
        return ModelBlobs.Read(ctx, File, stream =>
        {
            // ML.NET's reader may run for ever on values that are damaged: the digest in front of them is looked at first.
            using var whole = new MemoryStream();
            stream.CopyTo(whole);
            var bytes = whole.ToArray();
            var begin = Math.Min(SHA256.HashSizeInBytes, bytes.Length);
            if (!bytes.AsSpan(0, begin).SequenceEqual(SHA256.HashData(bytes.AsSpan(begin))))
                throw new ModelFormatException(File,
                    $"expected the values of {count} labels with their SHA-256 in front, found another digest: the file is "
                        + "damaged. Save the model again.");
            using var values = new MemoryStream(bytes, begin, bytes.Length - begin);
            var saver = new BinarySaver(environment, new BinarySaver.Arguments());
            return saver.TryLoadTypeAndValue(values, out var type, out var value) && type is VectorDataViewType vector
                && vector.Size == count
                ? (LabelValues)Activator.CreateInstance(typeof(TypedLabelValues<>).MakeGenericType(vector.ItemType.RawType), vector, value)!
                : throw new ModelFormatException(File,
                    $"expected the values of {count} labels, found something else. Save the model again.");
        });
    }

    /// <summary>What a value is called.</summary>
    protected static string NameOf<T>(T value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    /// <summary>Writes the values.</summary>
    protected virtual void Write(BinarySaver saver, Stream stream)
    {
    }

    private static string[] Unnamed(int count) => [.. Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"LABEL_{i}"))];
}
