namespace MlNetBert;

/// <summary>What becomes of the tokens at the end that do not fill a block.</summary>
public enum RemainderHandling
{
    /// <summary>They are left out.</summary>
    Drop,

    /// <summary>They give a last block, shorter than the others.</summary>
    Pad,
}
