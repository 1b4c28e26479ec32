namespace MlNetBert.Training.Checkpoints;

/// <summary>The model's part of a checkpoint: the Hugging Face directory.</summary>
[Experimental("MLNETBERT001")]
public interface IModelState
{
    /// <summary>Copies the weights as they are now, so that training goes on while they are written.</summary>
    /// <returns>The copy.</returns>
    IModelSnapshot Snapshot();

    /// <summary>Puts back the weights of a checkpoint, bit for bit.</summary>
    /// <param name="directory">The checkpoint.</param>
    void Load(string directory);
}
