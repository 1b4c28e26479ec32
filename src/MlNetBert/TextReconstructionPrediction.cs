using Microsoft.ML.Data;

namespace MlNetBert;

/// <summary>
/// The columns that <c>PretrainDenoising("Prediction", …)</c> adds, as a class for <c>CreatePredictionEngine</c> and
/// <c>CreateEnumerable</c>.
/// </summary>
public sealed class TextReconstructionPrediction
{
    /// <summary>The text with its gaps restored; special tokens are left out.</summary>
    [ColumnName("Prediction.Text")]
    public string Text { get; set; } = "";

    /// <summary>The mean log-probability of the tokens that were written, in nats; NaN where there was nothing to write.</summary>
    [ColumnName("Prediction.Score")]
    public float Score { get; set; }
}
