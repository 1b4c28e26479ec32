namespace MlNetBert;

/// <summary>A block of <see cref="CorruptionPreview"/>.</summary>
public sealed record PreviewedBlock
{
    internal PreviewedBlock()
    {
    }

    /// <summary>The block's number among those that are trained on, from 0.</summary>
    public long Index { get; internal init; }

    /// <summary>
    /// The block as the model sees it. Targets are marked, with what is to be predicted second: <c>[[MASK]|cat]</c> is masked,
    /// <c>[dog|cat]</c> another piece, <c>[cat|cat]</c> kept. In causal language modeling each piece stands with the one behind it, which
    /// it is to predict. Where the targets are a text of their own (<see cref="Target"/>), it is what the encoder reads.
    /// </summary>
    public string Text { get; internal init; } = "";

    /// <summary>What a text-to-text model is to write; empty where targets are predicted in their places.</summary>
    public string Target { get; internal init; } = "";

    /// <summary>
    /// Of objectives over pairs of texts: 0 where the second follows the first (or the order is right), 1 where it does not.
    /// </summary>
    /// <value>Null where the block is no pair, or the objective is of texts alone.</value>
    public int? PairLabel { get; internal init; }

    /// <summary>With <see cref="ClmOptions.CausalFraction"/> below 1: whether the block is causal, or masked.</summary>
    /// <value>Null of other objectives.</value>
    public bool? IsCausal { get; internal init; }

    /// <summary>Tokens of the corrupted block, padding left out: a pair of texts may have more or fewer than the block that was
    /// read.</summary>
    public int TokenCount { get; internal init; }

    /// <summary>Targets where the model sees [MASK], or all that it is to write.</summary>
    public int MaskedCount { get; internal init; }

    /// <summary>Targets where the model sees another piece than it is to predict.</summary>
    public int ReplacedCount { get; internal init; }

    /// <summary>Targets at places that are left as they are.</summary>
    public int KeptCount { get; internal init; }

    /// <summary>All tokens that the model is to predict.</summary>
    public int TargetCount => MaskedCount + ReplacedCount + KeptCount;
}
