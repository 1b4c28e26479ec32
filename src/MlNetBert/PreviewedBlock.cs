namespace MlNetBert;

/// <summary>A block of <see cref="CorruptionPreview"/>.</summary>
public sealed record PreviewedBlock
{
    internal PreviewedBlock()
    {
    }

    /// <summary>The block's number among those that are trained on, from 0.</summary>
    public long Block { get; internal init; }

    /// <summary>
    /// The block as the model sees it. Targets are marked, with what is to be predicted second: <c>[[MASK]|cat]</c> is masked,
    /// <c>[dog|cat]</c> another piece, <c>[cat|cat]</c> kept.
    /// </summary>
    public string Text { get; internal init; } = "";

    /// <summary>Tokens of the block, padding left out.</summary>
    public int Tokens { get; internal init; }

    /// <summary>Targets where the model sees [MASK].</summary>
    public int Masked { get; internal init; }

    /// <summary>Targets where the model sees another piece than it is to predict.</summary>
    public int Replaced { get; internal init; }

    /// <summary>Targets where the model sees the very piece.</summary>
    public int Kept { get; internal init; }

    /// <summary>All tokens that the model is to predict.</summary>
    public int Targets => Masked + Replaced + Kept;
}
