namespace MlNetBert;

/// <summary>What became of a checkpoint's tensors when they were loaded into a model.</summary>
public sealed record LoadReport
{
    internal LoadReport(IReadOnlyList<string> missing, IReadOnlyList<string> unused, IReadOnlyList<string> ignored)
    {
        MissingKeys = missing;
        UnexpectedKeys = unused;
        IgnoredKeys = ignored;
    }

    /// <summary>
    /// Weights of the model that the checkpoint lacks, under Hugging Face's names; they keep or get their initial values.
    /// </summary>
    public IReadOnlyList<string> MissingKeys { get; internal init; }

    /// <summary>Tensors of the checkpoint that the model has no place for, such as the head of another task.</summary>
    public IReadOnlyList<string> UnexpectedKeys { get; internal init; }

    /// <summary>Tensors that hold nothing new: constants that the model computes, and copies of a tied weight.</summary>
    public IReadOnlyList<string> IgnoredKeys { get; internal init; }

    /// <summary>
    /// Those of <see cref="MissingKeys"/> that the encoder itself lacks, its pooler not counted: without them nothing that the model
    /// predicts means anything.
    /// </summary>
    public IReadOnlyList<string> MissingInBackbone { get; init; } = [];

    /// <summary>Those of <see cref="MissingKeys"/> that the heads lack, a pooler among them.</summary>
    internal IReadOnlyList<string> MissingInHeads => [.. MissingKeys.Except(MissingInBackbone, StringComparer.Ordinal)];

    /// <summary>
    /// Tensors of a weight that the checkpoint holds under several names with different values, and that were not taken: a tied decoder
    /// other than the embeddings, say. Each with the one that was.
    /// </summary>
    public IReadOnlyDictionary<string, string> Contradicting { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Decoders that config.json says are the word embeddings (<c>tie_word_embeddings</c>), and that the checkpoint holds with other
    /// values. A model that is made for a checkpoint keeps them; in one that was there before they are among <see cref="Contradicting"/>.
    /// </summary>
    internal IReadOnlyList<string> Untied { get; init; } = [];

    /// <summary>
    /// Every weight of the model came from the checkpoint, and every tensor of the checkpoint has its place and contradicts none.
    /// </summary>
    public bool IsComplete => MissingKeys.Count == 0 && UnexpectedKeys.Count == 0 && Contradicting.Count == 0;
}
