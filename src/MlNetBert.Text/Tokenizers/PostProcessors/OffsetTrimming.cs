using System.Runtime.InteropServices;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.PostProcessors;

/// <summary>
/// Takes the blanks that byte-level tokens begin or end with out of their places in the text: <c>trim_offsets</c> of RobertaProcessing and
/// ByteLevel. Ids stay as they are.
/// </summary>
/// <param name="AddPrefixSpace">
/// Whether a blank may have been set before a text, so that the one blank of its first token does not stand in the text.
/// </param>
[Experimental("MLNETBERT001")]
public sealed record OffsetTrimming(bool AddPrefixSpace)
{
    /// <summary>Trims the places of a text's tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Its tokens, with places that are theirs alone.</param>
    /// <param name="tokenizer">Their tokenizer.</param>
    internal void Apply(ReadOnlySpan<char> text, TokenSequence tokens, SubwordTokenizer tokenizer)
    {
        Span<TokenOffset> places = CollectionsMarshal.AsSpan(tokens.Offsets).Slice(tokens.Start, tokens.Count);
        for (int i = 0; i < places.Length; i++)
        {
            TokenOffset place = places[i];
            int id = tokens.Ids[tokens.Start + i];
            ReadOnlySpan<char> token = IsAsWritten(id, text[place.Start..place.End], tokenizer)
                ? text[place.Start..place.End]
                : tokenizer.Vocabulary[id];
            int leading = 0;
            while (leading < token.Length && IsBlank(token[leading]))
                leading++;
            int trailing = 0;
            while (trailing < token.Length && IsBlank(token[^(trailing + 1)]))
                trailing++;
            bool isOwn = leading == 1 && AddPrefixSpace && (i == 0 || place.Start == 0);
            int start = Math.Min(Forward(text, place.Start, isOwn ? 0 : leading), place.End);
            places[i] = new TokenOffset(start, Math.Max(Back(text, place.End, trailing), start));
        }
    }

    /// <summary>
    /// Whether a token is what stands in the text, white space that belongs to it included: an added token is, the unknown one only where
    /// it is written, or where the model is a unigram, which gives what it does not know as it is.
    /// </summary>
    private static bool IsAsWritten(int id, ReadOnlySpan<char> written, SubwordTokenizer tokenizer)
    {
        SubwordModel model = tokenizer.Pipeline.Model!;
        return model.UnknownToken is { } unknown && tokenizer.Vocabulary[id] == unknown
            ? model.HasOwnUnknownToken || written.Trim().SequenceEqual(unknown)
            : tokenizer.IsAdded(id);
    }

    private static bool IsBlank(char character) => character == ByteCharacters.Blank || char.IsWhiteSpace(character);

    /// <summary>A place so many characters further on.</summary>
    private static int Forward(ReadOnlySpan<char> text, int position, int count)
    {
        for (; count > 0 && position < text.Length; count--)
            position += AlignedText.LengthAt(text, position);
        return position;
    }

    /// <summary>A place so many characters before; the place itself where there are not so many.</summary>
    private static int Back(ReadOnlySpan<char> text, int position, int count)
    {
        int end = position;
        for (; count > 0; count--)
        {
            if (end == 0)
                return position;
            end -= end > 1 && char.IsSurrogatePair(text[end - 2], text[end - 1]) ? 2 : 1;
        }

        return end;
    }
}
