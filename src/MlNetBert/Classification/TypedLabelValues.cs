using Microsoft.ML.Data;
using Microsoft.ML.Data.IO;

namespace MlNetBert.Classification;

/// <summary>Labels with values of some type: texts, numbers, ….</summary>
internal sealed class TypedLabelValues<T> : LabelValues
{
    private readonly VectorDataViewType _type;
    private readonly VBuffer<T> _values;

    public TypedLabelValues(Microsoft.ML.DataViewSchema.Annotations annotations, VectorDataViewType type)
        : this(type, Read(annotations))
    {
    }

    public TypedLabelValues(VectorDataViewType type, VBuffer<T> values)
        : base([.. values.DenseValues().Select(NameOf)])
    {
        _type = type;
        _values = values;
    }

    public override bool HasValues => true;

    public override void AddValues(Microsoft.ML.DataViewSchema.Annotations.Builder annotations, string kind) =>
        annotations.Add(kind, _type, (ref VBuffer<T> destination) => _values.CopyTo(ref destination));

    protected override void Write(BinarySaver saver, Stream stream)
    {
        var values = _values;
        if (!saver.TryWriteTypeAndValue(stream, _type, ref values, out _))
            throw new NotSupportedException($"Labels of the type {_type.ItemType} cannot be saved. Map them to text first.");
    }

    private static VBuffer<T> Read(Microsoft.ML.DataViewSchema.Annotations annotations)
    {
        VBuffer<T> values = default;
        annotations.GetValue(AnnotationUtils.Kinds.KeyValues, ref values);
        return values;
    }
}
