using System.Globalization;

namespace MlNetBert.Text.Tokenizers;

/// <summary>Cuts a text or a pair to a length, as Hugging Face's tokenizers do.</summary>
internal static class Truncation
{
    public static void Apply(ref TokenSequence first, ref TokenSequence? second, EncodeOptions options,
        SpecialTokenTemplate template)
    {
        if (options.MaxLength is not { } length)
            return;
        int added = options.AddSpecialTokens ? template.GetAddedCount(second is not null) : 0;
        int room = length - added;
        if (room < 0)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture,
                    $"MaxLength must leave room for the {added} special tokens, but is {length}. Ask for more, or set "
                        + $"AddSpecialTokens to false."),
                nameof(options));
        }

        int excess = first.Count + (second?.Count ?? 0) - room;
        if (excess <= 0)
            return;
        switch (options.Truncation)
        {
            case TruncationStrategy.LongestFirst when second is { } other:
                (int firstCount, int secondCount) = Share(first.Count, other.Count, room);
                first = first.Keep(firstCount, options.TruncationSide);
                second = other.Keep(secondCount, options.TruncationSide);
                break;
            case TruncationStrategy.OnlySecond:
                second = Shorten(
                    second ?? throw new ArgumentException("Truncation OnlySecond needs a second text. Give one, or choose LongestFirst.",
                        nameof(options)),
                    excess,
                    options);
                break;
            default:
                first = Shorten(first, excess, options);
                break;
        }
    }

    private static (int First, int Second) Share(int first, int second, int room)
    {
        bool swapped = first > second;
        int shorter = Math.Min(first, second);
        int longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if (shorter + longer > room)
        {
            shorter = room / 2;
            longer = shorter + (room % 2);
        }

        return swapped ? (longer, shorter) : (shorter, longer);
    }

    private static TokenSequence Shorten(TokenSequence sequence, int excess, EncodeOptions options)
    {
        if (sequence.Count < excess || (sequence.Count == excess && options.Truncation != TruncationStrategy.LongestFirst))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture,
                    $"{excess} tokens must go to reach MaxLength {options.MaxLength}, but the text that Truncation {options.Truncation} "
                        + $"cuts has only {sequence.Count}. Choose LongestFirst or a greater MaxLength."),
                nameof(options));
        }

        return sequence.Keep(sequence.Count - excess, options.TruncationSide);
    }
}
