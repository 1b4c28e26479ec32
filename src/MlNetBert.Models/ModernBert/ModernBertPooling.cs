namespace MlNetBert.Models.ModernBert;

/// <summary>How a sequence classifier makes one vector of the hidden states (<c>classifier_pooling</c>).</summary>
[Experimental("MLNETBERT001")]
public enum ModernBertPooling
{
    /// <summary>The first position's.</summary>
    Classification,

    /// <summary>The mean over the positions that the attention mask shows.</summary>
    Mean,
}
