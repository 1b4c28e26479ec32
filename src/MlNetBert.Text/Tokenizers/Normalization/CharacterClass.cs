namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>What BERT's basic tokenizer sees in a code point.</summary>
[Flags]
internal enum CharacterClass : byte
{
    Letter = 0,
    WhiteSpace = 1,
    Punctuation = 2,
    Dropped = 4,
    Ideograph = 8,
    NonSpacingMark = 16,
}
