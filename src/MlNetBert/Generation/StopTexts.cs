using MlNetBert.Models.Generation;

namespace MlNetBert.Generation;

/// <summary>Texts that end a text and are left out of it.</summary>
/// <param name="texts">The texts, none empty.</param>
internal sealed class StopTexts(IReadOnlyList<string> texts)
{
    /// <summary>Where the first of them begins; null where there is none.</summary>
    public int? Find(string text)
    {
        var places = texts.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(place => place >= 0).ToList();
        return places.Count == 0 ? null : places.Min();
    }

    /// <summary>What a text ends by beside end tokens; null where there is none of them.</summary>
    /// <param name="decoder">From tokens to the text.</param>
    public StopRule? RuleFor(ContinuationDecoder decoder) =>
        texts.Count == 0 ? null : generated => Find(decoder.Of(generated.ToArray())) is not null;

    /// <summary>Tokens as text, up to the first of them.</summary>
    public string Cut(ContinuationDecoder decoder, IReadOnlyList<int> generated)
    {
        var text = decoder.Of(generated);
        return Find(text) is { } place ? text[..place] : text;
    }

    /// <summary>How much of a text is left, whatever follows: what could be the beginning of one of them may still be cut off.</summary>
    public int CertainLength(string text)
    {
        var longest = texts.Select(stop => stop.Length).DefaultIfEmpty(1).Max();
        for (var start = Math.Max(0, text.Length - longest + 1); start < text.Length; start++)
        {
            if (texts.Any(stop => stop.AsSpan().StartsWith(text.AsSpan(start), StringComparison.Ordinal)))
                return start;
        }

        return text.Length;
    }
}
