namespace MlNetBert.Text.Tokenizers;

/// <summary>What a special token is for. A tokenizer may have none for a role.</summary>
[Experimental("MLNETBERT001")]
public enum SpecialTokenRole
{
    /// <summary>Stands for what the vocabulary cannot spell: [UNK].</summary>
    Unknown,

    /// <summary>Opens a sequence: [CLS].</summary>
    Classification,

    /// <summary>Closes a sequence, or stands between two: [SEP].</summary>
    Separator,

    /// <summary>Fills up a sequence: [PAD].</summary>
    Padding,

    /// <summary>Hides a token: [MASK].</summary>
    Mask,

    /// <summary>Begins a text.</summary>
    BeginningOfText,

    /// <summary>Ends a text.</summary>
    EndOfText,
}
