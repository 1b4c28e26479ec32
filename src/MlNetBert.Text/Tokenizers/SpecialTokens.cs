namespace MlNetBert.Text.Tokenizers;

/// <summary>The ids of the special tokens, as 0-based places in the vocabulary.</summary>
/// <param name="Unknown">The id of [UNK].</param>
/// <param name="Classification">The id of [CLS].</param>
/// <param name="Separator">The id of [SEP].</param>
/// <param name="Padding">The id of [PAD].</param>
/// <param name="Mask">The id of [MASK].</param>
public sealed record SpecialTokens(int Unknown, int Classification, int Separator, int Padding, int Mask);
