using Microsoft.ML.Data;

namespace MlNetBert;

/// <summary>
/// The columns that <c>PretrainRtd("Prediction", …)</c> adds, as a class for <c>CreatePredictionEngine</c> and <c>CreateEnumerable</c>.
/// </summary>
public sealed class ReplacedTokenPrediction
{
    /// <summary>The tokens of the text in order, [CLS] and [SEP] left out: pieces as the vocabulary spells them.</summary>
    [ColumnName("Prediction.Token")]
    public string[] Tokens { get; set; } = [];

    /// <summary>Of each token, whether it is more likely replaced than the text's own.</summary>
    [ColumnName("Prediction.Replaced")]
    public bool[] Replaced { get; set; } = [];

    /// <summary>Of each token, the probability that it was replaced, 0 to 1.</summary>
    [ColumnName("Prediction.Score")]
    public float[] Scores { get; set; } = [];
}
