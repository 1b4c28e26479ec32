using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>What a model gives for a reference's inputs.</summary>
/// <param name="Named">Its outputs under Hugging Face's names.</param>
/// <param name="Loss">Its loss; null where there are no labels.</param>
[Experimental("MLNETBERT001")]
public sealed record ReferenceOutputs(IReadOnlyDictionary<string, Tensor> Named, Tensor? Loss);
