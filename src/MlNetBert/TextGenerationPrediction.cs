using Microsoft.ML.Data;

namespace MlNetBert;

/// <summary>
/// The columns that <c>PretrainClm("Prediction", …)</c> adds, as a class for <c>CreatePredictionEngine</c> and <c>CreateEnumerable</c>.
/// </summary>
public sealed class TextGenerationPrediction
{
    /// <summary>The text continued, as <see cref="ClmOptions.Prediction"/> says; special tokens are left out.</summary>
    [ColumnName("Prediction.Text")]
    public string Text { get; set; } = "";

    /// <summary>The mean log-probability of the text's tokens in nats, each given those before it; NaN of a text of one token.</summary>
    [ColumnName("Prediction.Score")]
    public float Score { get; set; }

    /// <summary>exp of the negative score: how many tokens the model was undecided among.</summary>
    [ColumnName("Prediction.Perplexity")]
    public float Perplexity { get; set; }
}
