using MlNetBert.HuggingFace;
using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>The <c>input.*</c> tensors of a reference; integers as int64.</summary>
internal sealed record ReferenceInputs(
    Tensor InputIds,
    Tensor? AttentionMask,
    Tensor? TokenTypeIds,
    Tensor? Labels,
    Tensor? NextSentenceLabel,
    Tensor? StartPositions,
    Tensor? EndPositions)
{
    private const string Prefix = "input.";

    private static readonly string[] Known =
        ["input_ids", "attention_mask", "token_type_ids", "labels", "next_sentence_label", "start_positions", "end_positions"];

    /// <summary>Reads them into the current dispose scope.</summary>
    public static ReferenceInputs Read(ICheckpointWeights reference)
    {
        var unknown = reference.Names
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..])
            .Except(Known, StringComparer.Ordinal)
            .ToList();
        if (unknown.Count > 0)
            throw new ModelFormatException(reference.Source,
                $"has the inputs {string.Join(", ", unknown)}, which no model here takes; known are {string.Join(", ", Known)}.");
        return new ReferenceInputs(
            Take("input_ids") ?? throw new ModelFormatException(reference.Source,
                "has no tensor 'input.input_ids', so there is nothing to run the model on."),
            Take("attention_mask"), Take("token_type_ids"), Take("labels"), Take("next_sentence_label"), Take("start_positions"),
            Take("end_positions"));

        Tensor? Take(string name)
        {
            if (!reference.Contains(Prefix + name))
                return null;
            var tensor = Weights.ReadTensor(reference, Prefix + name);
            return tensor.is_floating_point() ? tensor : tensor.to(ScalarType.Int64);
        }
    }
}
