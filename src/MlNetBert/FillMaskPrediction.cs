using Microsoft.ML.Data;

namespace MlNetBert;

/// <summary>
/// The columns that <c>PretrainMlm("Prediction", …)</c> adds, as a class for <c>CreatePredictionEngine</c> and <c>CreateEnumerable</c>.
/// </summary>
public sealed class FillMaskPrediction
{
    /// <summary>
    /// The candidates as text (Hugging Face's <c>token_str</c>): k per mask, best first, mask by mask in order. Empty if the text has no
    /// mask.
    /// </summary>
    [ColumnName("Prediction.Token")]
    public string[] Tokens { get; set; } = [];

    /// <summary>The candidates' probabilities, in the same order.</summary>
    [ColumnName("Prediction.Score")]
    public float[] Scores { get; set; } = [];

    /// <summary>The text with the best candidate in every mask; unknown words stay [UNK], other special tokens are left out.</summary>
    [ColumnName("Prediction.Sequence")]
    public string Sequence { get; set; } = "";
}
