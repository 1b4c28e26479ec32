namespace MlNetBert.Training.Objectives;

/// <summary>A corrupted block; one is used for block after block. Not thread-safe.</summary>
[Experimental("MLNETBERT001")]
public sealed class CorruptedBlock
{
    /// <summary>The corrupted ids.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>Places of the targets among the ids, ascending.</summary>
    public List<int> Positions { get; } = [];

    /// <summary>What is to be predicted there, as many as positions.</summary>
    public List<int> Labels { get; } = [];

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        Ids.Clear();
        Positions.Clear();
        Labels.Clear();
    }
}
