using System.Buffers;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>A text that was made of another one, and where each of its UTF-16 units comes from.</summary>
/// <param name="text">The text.</param>
/// <param name="places">A place in the other text for each of its UTF-16 units.</param>
internal sealed class AlignedText(string text, TokenOffset[] places)
{
    /// <summary>The text.</summary>
    public string Text => text;

    /// <summary>Where each unit of the text comes from.</summary>
    public ReadOnlySpan<TokenOffset> Places => places;

    /// <summary>A text as it is written, before anything is done to it.</summary>
    /// <param name="text">The text, or a part of one.</param>
    /// <param name="offset">Where that part begins.</param>
    /// <param name="replacesInvalid">Whether what is not valid UTF-16 becomes U+FFFD.</param>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and is not to be changed.</exception>
    public static AlignedText Of(ReadOnlySpan<char> text, int offset, bool replacesInvalid)
    {
        var aligned = new Builder(text.Length);
        for (int i = 0, length; i < text.Length; i += length)
        {
            bool isValid = Rune.DecodeFromUtf16(text[i..], out _, out length) == OperationStatus.Done;
            if (!isValid && !replacesInvalid)
                throw new InvalidTextException(offset + i, text[i]);
            aligned.Text.Append(isValid ? text.Slice(i, length) : "\uFFFD");
            aligned.PlaceAt(new TokenOffset(offset + i, offset + i + length));
        }

        return aligned.Build();
    }

    /// <summary>Where a part of the text comes from.</summary>
    /// <param name="part">The part, of at least one unit.</param>
    /// <returns>Its place in the text that this one was made of.</returns>
    public TokenOffset Original(TokenOffset part) => new(places[part.Start].Start, places[part.End - 1].End);

    /// <summary>A text that was made of this one, with its places in the text that this one was made of.</summary>
    public AlignedText Then(AlignedText next)
    {
        var originals = new TokenOffset[next.Text.Length];
        for (int i = 0; i < originals.Length; i++)
            originals[i] = Original(next.Places[i]);
        return new AlignedText(next.Text, originals);
    }

    /// <summary>The text with another one before it, in the place of its first character.</summary>
    /// <param name="before">What to set before it; an empty text stays empty.</param>
    public AlignedText Prepend(string before)
    {
        if (Text.Length == 0)
            return this;
        int first = Text.Length > 1 && char.IsSurrogatePair(Text, 0) ? 2 : 1;
        var all = new TokenOffset[before.Length + Text.Length];
        all.AsSpan(0, before.Length).Fill(Original(new TokenOffset(0, first)));
        places.CopyTo(all, before.Length);
        return new AlignedText(before + Text, all);
    }

    /// <summary>A text in the making.</summary>
    internal readonly struct Builder(int capacity)
    {
        private readonly List<TokenOffset> _places = new(capacity);

        public StringBuilder Text { get; } = new(capacity);

        /// <summary>Says where the units come from that were appended since the last call.</summary>
        public void PlaceAt(TokenOffset place)
        {
            while (_places.Count < Text.Length)
                _places.Add(place);
        }

        public AlignedText Build() => new(Text.ToString(), [.. _places]);
    }
}
