namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>What a pre-tokenizer does before a blank behind a character that is visible.</summary>
internal enum BlankBorder
{
    /// <summary>It cannot be said.</summary>
    Unknown,

    /// <summary>It cuts both sides as texts by themselves; a word may reach across.</summary>
    Independent,

    /// <summary>It cuts both sides as texts by themselves, and between them.</summary>
    Cut,
}
