using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.FineTuning;

namespace MlNetBert.Classification;

/// <summary>The columns that a classifier adds.</summary>
/// <param name="PredictedLabel">The key column of the predicted label.</param>
/// <param name="Score">The vector column of the probabilities.</param>
internal sealed record ClassificationOutputs(string PredictedLabel, string Score)
{
    /// <summary>The columns as a schema promises them.</summary>
    /// <param name="values">The type of the labels' values; null where the label has none.</param>
    public IEnumerable<SchemaShape.Column> Promised(DataViewType? values)
    {
        SchemaShape.Column[] ofLabel = [], ofScore = [];
        if (values is not null)
        {
            ofLabel = [new(AnnotationUtils.Kinds.KeyValues, SchemaShape.Column.VectorKind.Vector, values, false)];
            ofScore =
            [
                new(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false),
                new(AnnotationUtils.Kinds.TrainingLabelValues, SchemaShape.Column.VectorKind.Vector, values, false),
            ];
        }

        return
        [
            new SchemaShape.Column(PredictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true,
                new SchemaShape(ofLabel.Concat(ScoreAnnotations.Promised))),
            new SchemaShape.Column(Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
                new SchemaShape(ofScore.Concat(ScoreAnnotations.Promised))),
        ];
    }

    public void Save(ModelSaveContext ctx)
    {
        ctx.SaveNonEmptyString(PredictedLabel);
        ctx.SaveNonEmptyString(Score);
    }

    public static ClassificationOutputs Load(ModelLoadContext ctx) => new(ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
}
