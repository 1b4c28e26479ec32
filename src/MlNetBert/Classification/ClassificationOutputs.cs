using Microsoft.ML;

namespace MlNetBert.Classification;

/// <summary>The columns that a classifier adds.</summary>
/// <param name="PredictedLabel">The key column of the predicted label.</param>
/// <param name="Score">The vector column of the probabilities.</param>
internal sealed record ClassificationOutputs(string PredictedLabel, string Score)
{
    public void Save(ModelSaveContext ctx)
    {
        ctx.SaveNonEmptyString(PredictedLabel);
        ctx.SaveNonEmptyString(Score);
    }

    public static ClassificationOutputs Load(ModelLoadContext ctx) => new(ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
}
