namespace MlNetBert;

/// <summary>Where documents end in a plain text file.</summary>
public enum DocumentBoundary
{
    /// <summary>Every line is a document.</summary>
    Line,

    /// <summary>Documents are parted by empty lines; the lines of one are joined by line feeds.</summary>
    BlankLine,
}
