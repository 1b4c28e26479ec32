using Microsoft.ML.Data;

namespace MlNetBert;

/// <summary>
/// The columns that <c>NamedEntityRecognition(…)</c> adds under its default names, as a class for <c>CreatePredictionEngine</c> and
/// <c>CreateEnumerable</c>: an entry an entity, in the order of the text.
/// </summary>
public sealed class RecognizedEntities
{
    /// <summary>Their types.</summary>
    [ColumnName("Entities.Label")]
    public string[] Label { get; set; } = [];

    /// <summary>What the text says there.</summary>
    [ColumnName("Entities.Text")]
    public string[] Text { get; set; } = [];

    /// <summary>Where they begin in the text, in UTF-16 units.</summary>
    [ColumnName("Entities.Start")]
    public int[] Start { get; set; } = [];

    /// <summary>Where they end: the position after the last UTF-16 unit.</summary>
    [ColumnName("Entities.End")]
    public int[] End { get; set; } = [];

    /// <summary>The mean probability of their words' tags, 0 to 1.</summary>
    [ColumnName("Entities.Score")]
    public float[] Score { get; set; } = [];

    /// <summary>
    /// The tag of each word, as a key: 1 is the first of the model's labels. <c>MapKeyToValue</c> gives the tags themselves.
    /// </summary>
    public uint[] PredictedLabel { get; set; } = [];
}
