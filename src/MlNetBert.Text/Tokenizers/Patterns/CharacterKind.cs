namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>What the patterns of byte-level tokenizers tell apart.</summary>
internal enum CharacterKind : byte
{
    /// <summary>All else: <c>[^\s\p{L}\p{N}]</c>.</summary>
    Other,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,

    /// <summary><c>\s</c>.</summary>
    White,
}
