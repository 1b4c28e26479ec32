using Microsoft.ML.Data;

namespace MlNetBert;

/// <summary>
/// The columns that <c>QuestionAnswer(…)</c> adds under its default name, as a class for <c>CreatePredictionEngine</c> and
/// <c>CreateEnumerable</c>: k entries, best first.
/// </summary>
public sealed class QuestionAnswerPrediction
{
    /// <summary>The answers, as the context has them; empty where there are fewer different ones.</summary>
    [ColumnName("Answer.Text")]
    public string[] Texts { get; set; } = [];

    /// <summary>Where they begin in the context, in UTF-16 units; −1 where there is none.</summary>
    [ColumnName("Answer.Start")]
    public int[] Starts { get; set; } = [];

    /// <summary>Their probabilities among the candidates, 0 to 1; 0 where there is none.</summary>
    [ColumnName("Answer.Score")]
    public float[] Scores { get; set; } = [];
}
