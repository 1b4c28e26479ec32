namespace MlNetBert.Training.Checkpoints;

/// <summary>A checkpoint as it was found.</summary>
/// <param name="Path">Its directory.</param>
/// <param name="Condition">What it turned out to be.</param>
/// <param name="Fault">What is wrong; empty where nothing is.</param>
internal sealed record CheckpointFinding(string Path, CheckpointCondition Condition, string Fault)
{
    /// <summary>«step-60: its file config.json is missing».</summary>
    public override string ToString() => $"{System.IO.Path.GetFileName(Path)}: {Fault}";
}
