using Microsoft.ML.Data;

namespace MlNetBert;

/// <summary>
/// The columns that <c>NamedEntityRecognition(…)</c> adds under its default names, as a class for <c>CreatePredictionEngine</c> and
/// <c>CreateEnumerable</c>: one entry per entity, in the order of the text.
/// </summary>
public sealed class NamedEntityPrediction
{
    /// <summary>Their types.</summary>
    [ColumnName("Entities.Label")]
    public string[] Labels { get; set; } = [];

    /// <summary>The text of each entity.</summary>
    [ColumnName("Entities.Text")]
    public string[] Texts { get; set; } = [];

    /// <summary>Where they begin in the text, in UTF-16 units.</summary>
    [ColumnName("Entities.Start")]
    public int[] Starts { get; set; } = [];

    /// <summary>Where they end: the position after the last UTF-16 unit.</summary>
    [ColumnName("Entities.End")]
    public int[] Ends { get; set; } = [];

    /// <summary>The mean probability of their words' tags, 0 to 1.</summary>
    [ColumnName("Entities.Score")]
    public float[] Scores { get; set; } = [];

    /// <summary>
    /// The tag of each word, as a key: 1 is the first of the model's labels. <c>MapKeyToValue</c> gives the tags themselves.
    /// </summary>
    [ColumnName("PredictedLabel")]
    public uint[] PredictedLabels { get; set; } = [];
}
