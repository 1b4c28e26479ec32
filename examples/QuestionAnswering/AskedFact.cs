namespace QuestionAnswering;

/// <summary>A question about a short text, with the answer that stands in it.</summary>
public sealed class AskedFact
{
    /// <summary>The text.</summary>
    public string Context { get; set; } = "";

    /// <summary>The question.</summary>
    public string Question { get; set; } = "";

    /// <summary>The answer, a part of the text.</summary>
    public string TrainingAnswer { get; set; } = "";

    /// <summary>Where it begins in the text.</summary>
    public int AnswerIndex { get; set; }
}
