namespace MlNetBert;

/// <summary>An end of a sequence.</summary>
public enum SequenceSide
{
    /// <summary>The end of the sequence.</summary>
    Right,

    /// <summary>The beginning of the sequence.</summary>
    Left,
}
