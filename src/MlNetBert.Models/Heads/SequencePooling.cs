namespace MlNetBert.Models.Heads;

/// <summary>How a sequence classifier makes one vector of what a backbone gives.</summary>
[Experimental("MLNETBERT001")]
public enum SequencePooling
{
    /// <summary>The output of the backbone's pooler.</summary>
    Pooler,

    /// <summary>The first position.</summary>
    First,

    /// <summary>The mean over the positions that the attention mask shows.</summary>
    Mean,

    /// <summary>The last position that the attention mask shows, which has seen all others: of decoders.</summary>
    Last,
}
