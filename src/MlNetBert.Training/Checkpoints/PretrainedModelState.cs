using System.Text;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Checkpoints;

/// <summary>A pretrained module and its tokenizer as the model of a checkpoint.</summary>
[Experimental("MLNETBERT001")]
public sealed class PretrainedModelState : IModelState
{
    private readonly LanguageModelModule _module;
    private readonly SubwordTokenizer _tokenizer;

    /// <summary>Creates the state.</summary>
    /// <param name="module">The model in training.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    public PretrainedModelState(LanguageModelModule module, SubwordTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(tokenizer);
        _module = module;
        _tokenizer = tokenizer;
    }

    /// <inheritdoc/>
    public IModelSnapshot Snapshot()
    {
        using var noGradient = no_grad();
        var tensors = _module.CheckpointWeights()
            .Select(w => (w.Name, Tensor: w.Slice().detach().cpu().clone().contiguous().DetachFromDisposeScope())).ToList();
        return new Copy(tensors, Weights.ConfigOf(_module).ToJsonString(), _tokenizer);
    }

    /// <inheritdoc/>
    public void Load(string directory)
    {
        RequireSameVocabulary(directory);
        using var weights = CheckpointWeights.FromFile(Path.Combine(directory, ModelFiles.Weights));
        LoadReport report;
        try
        {
            report = Weights.Load(_module, weights);
        }
        catch (ModelConfigFormatException e)
        {
            throw new CheckpointException(
                directory, $"expected the weights of {_module.ClassName}, found others: {e.Message} The checkpoint is another model's.", e);
        }

        if (!report.IsComplete)
            throw new CheckpointException(directory,
                $"expected the weights of {_module.ClassName}, found {report.MissingKeys.Count} missing and "
                    + $"{report.UnexpectedKeys.Count} others. "
                    + "The checkpoint is another model's.");
    }

    /// <summary>Other pieces under the checkpoint's embeddings would be other words', whatever changes are accepted.</summary>
    private void RequireSameVocabulary(string directory)
    {
        var made = SubwordTokenizer.FromDirectory(directory, InvalidTextHandling.Replace).Vocabulary;
        if (!made.SequenceEqual(_tokenizer.Vocabulary, StringComparer.Ordinal))
        {
            throw new CheckpointException(
                directory,
                $"expected the vocabulary that the checkpoint's model was made with ({made.Count} pieces, {ModelFiles.Vocabulary} "
                    + $"there), found another of {_tokenizer.Vocabulary.Count}. Take that one, or begin again in another directory.");
        }
    }

    private sealed class Copy(List<(string Name, Tensor Tensor)> tensors, string config, SubwordTokenizer tokenizer) : IModelSnapshot
    {
        public void WriteTo(string directory)
        {
            File.WriteAllText(Path.Combine(directory, ModelFiles.Config), config, new UTF8Encoding(false));
            tokenizer.Save(directory);
            SafetensorsWriter.Write(Path.Combine(directory, ModelFiles.Weights),
                tensors.Select(t => TensorFile.Describe(t.Name, t.Tensor)));
        }

        public void Dispose()
        {
            foreach (var (_, tensor) in tensors)
                tensor.Dispose();
        }
    }
}
