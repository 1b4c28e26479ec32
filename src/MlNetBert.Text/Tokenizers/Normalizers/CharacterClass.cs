namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>What BERT's basic tokenizer sees in a code point; the names are those of unicode.txt.</summary>
[Flags]
internal enum CharacterClass : byte
{
    Letter = 0,
    White = 1,
    Punctuation = 2,
    Dropped = 4,
    Ideograph = 8,
    Mark = 16,
}
