namespace MlNetBert.Training.Objectives;

/// <summary>A batch of labeled texts.</summary>
/// <typeparam name="TLabel">What a text is labeled with.</typeparam>
[Experimental("MLNETBERT001")]
public sealed class SequenceBatch<TLabel> : TrainingBatch
{
    /// <summary>The texts, padded to the longest of the batch.</summary>
    public required PaddedTexts Texts { get; init; }

    /// <summary>Their labels: [batch].</summary>
    public required IReadOnlyList<TLabel> Labels { get; init; }
}
