namespace PretrainingHelps;

/// <summary>What a classifier says, beside what is right.</summary>
public sealed class Answer
{
    /// <summary>What is right.</summary>
    public string Area { get; set; } = "";

    /// <summary>What it says.</summary>
    public string PredictedArea { get; set; } = "";
}
