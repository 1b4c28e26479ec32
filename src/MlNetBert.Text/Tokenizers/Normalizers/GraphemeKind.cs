namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>What a code point does at the boundaries of grapheme clusters; the names are those of graphemes.txt.</summary>
internal enum GraphemeKind : byte
{
    Other,
    Control,
    Extend,
    Spacing,
    Prepend,
    Pictograph,
    Joiner,
    Regional,
    Lead,
    Vowel,
    Tail,
    OpenSyllable,
    ClosedSyllable,
}
