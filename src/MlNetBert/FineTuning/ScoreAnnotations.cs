using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.FineTuning;

/// <summary>The annotations by which ML.NET's evaluators find the columns of a trainer.</summary>
internal static class ScoreAnnotations
{
    /// <summary>The annotations of a column of scores as a schema promises them.</summary>
    public static IEnumerable<SchemaShape.Column> Promised =>
    [
        new(AnnotationUtils.Kinds.ScoreColumnSetId, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true),
        new(AnnotationUtils.Kinds.ScoreColumnKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false),
        new(AnnotationUtils.Kinds.ScoreValueKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false),
    ];

    /// <summary>Adds them.</summary>
    /// <param name="annotations">The annotations of a column.</param>
    /// <param name="input">The schema that the columns are added to: a set's number is one more than the last one's.</param>
    /// <param name="kind">What was trained, as ML.NET names it.</param>
    /// <param name="value">What the column holds, as ML.NET names it.</param>
    public static void Add(DataViewSchema.Annotations.Builder annotations, DataViewSchema input, string kind, string value)
    {
        var set = input.GetMaxAnnotationKind(out _, AnnotationUtils.Kinds.ScoreColumnSetId) + 1;
        annotations.Add(AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType, (ref uint id) => id = set);
        annotations.Add(AnnotationUtils.Kinds.ScoreColumnKind, TextDataViewType.Instance,
            (ref ReadOnlyMemory<char> text) => text = kind.AsMemory());
        annotations.Add(AnnotationUtils.Kinds.ScoreValueKind, TextDataViewType.Instance,
            (ref ReadOnlyMemory<char> text) => text = value.AsMemory());
    }
}
