using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;

namespace MlNetBert.Inference;

/// <summary>
/// Tensors of a checkpoint that a masked language model has no place for, and that are saved with it all the same: BERT's pooler and
/// next-sentence head.
/// </summary>
/// <param name="Tensors">The tensors under the names they have beside a masked language model's.</param>
/// <param name="ClassName">The class that all of them together are; null for a masked language model's own.</param>
internal sealed record KeptTensors(IReadOnlyList<TensorData> Tensors, string? ClassName)
{
    public static KeptTensors None { get; } = new([], null);

    /// <summary>Reads them into memory; they are small.</summary>
    public static KeptTensors Read(ModelConfig config, ICheckpointWeights weights)
    {
        var names = ModelArchitecture.Of(config).BesideMaskedLanguageModel(config, weights);
        if (names.Count == 0)
            return None;
        var tensors = names.Select(entry =>
        {
            var tensor = weights.Describe(entry.Key);
            return new TensorData(entry.Value, tensor.Dtype, tensor.Shape, weights.GetBytes(entry.Key).ToArray());
        });
        return new KeptTensors([.. tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)], ClassOf(config, weights));
    }

    // A checkpoint that calls itself a model with all of its pretraining heads stays one as long as it has them.
    private static string? ClassOf(ModelConfig config, ICheckpointWeights weights)
    {
        var architecture = ModelArchitecture.Of(config);
        var declared = config.Architectures.FirstOrDefault(name => architecture.HeadOf(name) is not null);
        return declared is not null && architecture.HeadOf(declared) == ModelHead.PreTraining
            && architecture.Match(ModelHead.PreTraining, config, weights).Missing.Count == 0 ? declared : null;
    }
}
