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

    /// <summary>The length of the character at a place, in UTF-16 units; a surrogate without its partner is one by itself.</summary>
    public static int LengthAt(ReadOnlySpan<char> text, int position) =>
        position + 1 < text.Length && char.IsSurrogatePair(text[position], text[position + 1]) ? 2 : 1;

    /// <summary>A text as it is written; a surrogate without its partner is a character by itself.</summary>
    /// <param name="text">The text, or a part of one.</param>
    /// <param name="offset">Where that part begins.</param>
    public static AlignedText Written(ReadOnlySpan<char> text, int offset)
    {
        var places = new TokenOffset[text.Length];
        for (int i = 0, length; i < text.Length; i += length)
        {
            length = LengthAt(text, i);
            places.AsSpan(i, length).Fill(new TokenOffset(offset + i, offset + i + length));
        }

        return new AlignedText(text.ToString(), places);
    }

    /// <summary>Where a part of the text comes from.</summary>
    /// <param name="part">The part, of at least one unit.</param>
    /// <returns>Its place in the text that this one was made of.</returns>
    public TokenOffset Original(TokenOffset part) => new(places[part.Start].Start, places[part.End - 1].End);

    /// <summary>The text with another one before it, in the place of its first character.</summary>
    /// <param name="before">What to set before it; an empty text stays empty.</param>
    public AlignedText Prepend(string before)
    {
        if (Text.Length == 0)
            return this;
        var all = new TokenOffset[before.Length + Text.Length];
        all.AsSpan(0, before.Length).Fill(Original(new TokenOffset(0, LengthAt(Text, 0))));
        places.CopyTo(all, before.Length);
        return new AlignedText(before + Text, all);
    }

    /// <summary>A part of the text.</summary>
    public AlignedText Slice(int start, int length) =>
        length == text.Length ? this : new AlignedText(text.Substring(start, length), places.AsSpan(start, length).ToArray());

    /// <summary>
    /// The characters that took the place of the text's, as Hugging Face's tokenizers count them: a character stands where that stood whose
    /// place it took, an added one where the last character before it stood that was taken or dropped.
    /// </summary>
    /// <param name="characters">
    /// The code points, a lone surrogate among them as itself; each with 0 where it takes the place of one character, −n where it takes one
    /// and n behind it are dropped, a positive number where it is added.
    /// </param>
    /// <param name="dropped">How many characters are dropped before the first.</param>
    public AlignedText Transform(IEnumerable<(int CodePoint, int Change)> characters, int dropped = 0)
    {
        var transformed = new Builder(text.Length);
        int position = 0;
        Skip(dropped);
        foreach ((int codePoint, int change) in characters)
        {
            TokenOffset place = places[Math.Clamp(change > 0 ? position - 1 : position, 0, places.Length - 1)];
            if (change <= 0)
                Skip(1 - change);
            if (codePoint is >= 0xD800 and <= 0xDFFF)
                transformed.Text.Append((char)codePoint);
            else
                transformed.Text.Append(new Rune(codePoint).ToString());
            transformed.PlaceAt(place);
        }

        return transformed.Build();

        void Skip(int count)
        {
            for (; count > 0 && position < text.Length; count--)
                position += LengthAt(text, position);
        }
    }

    /// <summary>The text with each of its characters mapped; dropped where that gives null.</summary>
    public AlignedText Map(Func<Rune, Rune?> map)
    {
        StringBuilder? mapped = null;
        var kept = new List<TokenOffset>();
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Rune? to = map(rune);
            if (mapped is null && to != rune)
            {
                mapped = new StringBuilder(text.Length).Append(text, 0, position);
                kept.AddRange(places.AsSpan(0, position));
            }

            if (mapped is not null && to is { } character)
            {
                mapped.Append(character.ToString());
                kept.AddRange(Enumerable.Repeat(places[position], character.Utf16SequenceLength));
            }

            position += rune.Utf16SequenceLength;
        }

        return mapped is null ? this : new AlignedText(mapped.ToString(), [.. kept]);
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

        /// <summary>Appends a text with its places.</summary>
        public void Append(AlignedText text) => Append(text, 0, text.Text.Length);

        /// <summary>Appends a part of a text with its places.</summary>
        public void Append(AlignedText text, int start, int length)
        {
            Text.Append(text.Text, start, length);
            _places.AddRange(text.Places.Slice(start, length));
        }

        public AlignedText Build() => new(Text.ToString(), [.. _places]);
    }
}
