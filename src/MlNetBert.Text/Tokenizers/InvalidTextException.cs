using System.Globalization;
namespace MlNetBert;

/// <summary>A text is not valid UTF-16: a surrogate stands without its partner.</summary>
public sealed class InvalidTextException : FormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="position">Where the lone surrogate is, in UTF-16 units from the start of the text.</param>
    /// <param name="value">The lone surrogate.</param>
    /// <param name="text">Which text it is, as the subject of a sentence; null for "The text".</param>
    public InvalidTextException(int position, char value, string? text = null)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{text ?? "The text"} is not valid UTF-16: the surrogate U+{(int)value:X4} at position {position} has no partner. Mend "
                    + $"the text, or have it read as U+FFFD: SubwordTokenizingOptions.InvalidText = Replace or "
                    + $"PretrainedModelOptions.InvalidText = Replace."))
    {
        Position = position;
        Value = value;
    }

    /// <summary>Where the lone surrogate is, in UTF-16 units from the start of the text.</summary>
    public int Position { get; }

    /// <summary>The lone surrogate.</summary>
    public char Value { get; }
}
