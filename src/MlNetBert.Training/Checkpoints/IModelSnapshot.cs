namespace MlNetBert.Training.Checkpoints;

/// <summary>A copy of a model's weights at one step.</summary>
[Experimental("MLNETBERT001")]
public interface IModelSnapshot : IDisposable
{
    /// <summary>Writes the Hugging Face directory.</summary>
    /// <param name="directory">Where to.</param>
    void WriteTo(string directory);
}
