namespace MlNetBert.Generation;

/// <summary>Texts that end a text and are left out of it.</summary>
/// <param name="texts">The texts, none empty.</param>
internal sealed class StopTexts(IReadOnlyList<string> texts)
{
    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => texts.Count == 0;

    /// <summary>Where the first of them begins; null where there is none.</summary>
    public int? Find(string text)
    {
        var places = texts.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(place => place >= 0).ToList();
        return places.Count == 0 ? null : places.Min();
    }

    /// <summary>A text up to the first of them.</summary>
    public string Cut(string text) => Find(text) is { } place ? text[..place] : text;

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
