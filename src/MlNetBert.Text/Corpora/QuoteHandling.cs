namespace MlNetBert;

/// <summary>What a quotation mark at the beginning of a table's field means.</summary>
public enum QuoteHandling
{
    /// <summary>
    /// As <see cref="Csv"/>, but where tabs part the columns the whole file decides: as <see cref="Csv"/> where it can be read so, every
    /// row with as many fields as the header, and shows that it was written so (a doubled quotation mark in a quoted field, a quoted
    /// header, or rows that otherwise have too few or too many fields); else as <see cref="None"/>. What was decided is told.
    /// </summary>
    Auto,

    /// <summary>
    /// The field ends at the next quotation mark that is not doubled, and may hold separators and line breaks (RFC 4180).
    /// </summary>
    Csv,

    /// <summary>A quotation mark is text, and a row is a line.</summary>
    None,
}
