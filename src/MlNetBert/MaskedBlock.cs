namespace MlNetBert;

/// <summary>A block of <see cref="PretrainMasksPreview"/>.</summary>
/// <param name="Block">The block's number among those that are trained on, from 0.</param>
/// <param name="Text">The block as the model sees it. Targets are marked: <c>[[MASK]|cat]</c> is masked, <c>[dog|cat]</c> replaced by
/// chance, <c>[cat|cat]</c> kept; the original stands second.</param>
/// <param name="Tokens">Tokens of the block, padding left out.</param>
/// <param name="Masked">Targets that are replaced by [MASK].</param>
/// <param name="Replaced">Targets that are replaced by another piece.</param>
/// <param name="Kept">Targets that are left as they are.</param>
public sealed record MaskedBlock(long Block, string Text, int Tokens, int Masked, int Replaced, int Kept)
{
    /// <summary>All tokens that the model is to predict.</summary>
    public int Targets => Masked + Replaced + Kept;
}
