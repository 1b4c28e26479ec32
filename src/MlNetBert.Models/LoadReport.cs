namespace MlNetBert.Models;

/// <summary>What became of a checkpoint's tensors when they were loaded into a model.</summary>
/// <param name="Missing">Weights of the model that the checkpoint lacks, under Hugging Face's names; they keep or get their initial
/// values.</param>
/// <param name="Unused">Tensors of the checkpoint that the model has no place for, such as the head of another task.</param>
/// <param name="Ignored">Tensors that hold nothing new: constants that the model computes, and copies of a tied weight.</param>
public sealed record LoadReport(IReadOnlyList<string> Missing, IReadOnlyList<string> Unused, IReadOnlyList<string> Ignored)
{
    /// <summary>
    /// Those of <see cref="Missing"/> that the encoder itself lacks, its pooler not counted: without them nothing that the model predicts
    /// means anything.
    /// </summary>
    public IReadOnlyList<string> MissingInBackbone { get; init; } = [];

    /// <summary>
    /// Tensors of a weight that the checkpoint holds under several names with different values, and that were not taken: a tied decoder
    /// other than the embeddings, say. Each with the one that was.
    /// </summary>
    public IReadOnlyDictionary<string, string> Contradicting { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Every weight of the model came from the checkpoint, and every tensor of the checkpoint has its place and contradicts none.
    /// </summary>
    public bool IsExact => Missing.Count == 0 && Unused.Count == 0 && Contradicting.Count == 0;
}
