namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>Which parts of a text get the mark of a blank before them, where they do not begin with one.</summary>
[Experimental("MLNETBERT001")]
public enum PrependScheme
{
    /// <summary>Every part: what stands behind an added token, too.</summary>
    Always,

    /// <summary>The part that begins the text.</summary>
    First,

    /// <summary>None.</summary>
    Never,
}
