using MlNetBert.Generation;
using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Runs;

/// <summary>The model of a checkpoint with the generation_config.json of the model that the run started from.</summary>
/// <param name="state">The model.</param>
/// <param name="generation">The bytes of the file.</param>
internal sealed class GenerativeModelState(IModelState state, byte[] generation) : IModelState
{
    /// <inheritdoc/>
    public IModelSnapshot Snapshot() => new Copy(state.Snapshot(), generation);

    /// <inheritdoc/>
    public void Load(string directory) => state.Load(directory);

    private sealed class Copy(IModelSnapshot model, byte[] generation) : IModelSnapshot
    {
        public void WriteTo(string directory)
        {
            model.WriteTo(directory);
            GenerationFiles.Write(generation, directory);
        }

        public void Dispose() => model.Dispose();
    }
}
