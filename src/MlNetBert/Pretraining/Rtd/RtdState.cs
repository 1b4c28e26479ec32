using MlNetBert.HuggingFace;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Objectives.Rtd;

namespace MlNetBert.Pretraining.Rtd;

/// <summary>The discriminator in a checkpoint's directory, the generator in the folder below it.</summary>
internal sealed class RtdState(RtdModels models, SubwordTokenizer tokenizer) : IModelState
{
    private readonly PretrainedModelState _discriminator = new(models.Discriminator, tokenizer);
    private readonly PretrainedModelState _generator = new(models.Generator, tokenizer);

    /// <inheritdoc/>
    public IModelSnapshot Snapshot() => new Copy(_discriminator.Snapshot(), _generator.Snapshot());

    /// <inheritdoc/>
    public void Load(string directory)
    {
        // The embeddings lie in both, and are the same.
        _generator.Load(Path.Combine(directory, ModelFiles.GeneratorFolder));
        _discriminator.Load(directory);
    }

    private sealed class Copy(IModelSnapshot discriminator, IModelSnapshot generator) : IModelSnapshot
    {
        public void WriteTo(string directory)
        {
            discriminator.WriteTo(directory);
            generator.WriteTo(Directory.CreateDirectory(Path.Combine(directory, ModelFiles.GeneratorFolder)).FullName);
        }

        public void Dispose()
        {
            discriminator.Dispose();
            generator.Dispose();
        }
    }
}
