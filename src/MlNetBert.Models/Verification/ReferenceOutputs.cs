using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>What a model gives, under Hugging Face's names, and its loss where there are labels.</summary>
internal sealed record ReferenceOutputs(IReadOnlyDictionary<string, Tensor> Named, Tensor? Loss);
