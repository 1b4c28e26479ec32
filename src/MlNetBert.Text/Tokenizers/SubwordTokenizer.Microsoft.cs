using Microsoft.ML.Tokenizers;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert;

/// <content>What Microsoft.ML.Tokenizers asks of a tokenizer.</content>
public partial class SubwordTokenizer
{
    /// <inheritdoc/>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and <see cref="InvalidText"/> says to refuse it.</exception>
    protected sealed override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ReadOnlySpan<char> all = Text(text, textSpan, settings);
        if (settings.MaxTokenCount == int.MaxValue)
        {
            var ids = new List<int>((all.Length / 4) + 4);
            EncodeToIds(all, ids);
            return new EncodeResults<int> { Tokens = ids, CharsConsumed = all.Length };
        }

        TokenSequence tokens = TokenizeTrimmed(all);
        int count = CountFirst(tokens, settings.MaxTokenCount);
        return new EncodeResults<int> { Tokens = tokens.Ids[..count], CharsConsumed = EndOf(tokens, count, all.Length) };
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and <see cref="InvalidText"/> says to refuse it.</exception>
    protected sealed override EncodeResults<EncodedToken> EncodeToTokens(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ReadOnlySpan<char> all = Text(text, textSpan, settings);
        TokenSequence tokens = TokenizeTrimmed(all);
        int count = CountFirst(tokens, settings.MaxTokenCount);
        var encoded = new EncodedToken[count];
        for (int i = 0; i < count; i++)
            encoded[i] = new EncodedToken(tokens.Ids[i], Vocabulary[tokens.Ids[i]], tokens.Offsets[i].Start..tokens.Offsets[i].End);
        return new EncodeResults<EncodedToken> { Tokens = encoded, CharsConsumed = EndOf(tokens, count, all.Length) };
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and <see cref="InvalidText"/> says to refuse it.</exception>
    protected sealed override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var ids = new List<int>();
        ReadOnlySpan<char> all = Text(text, textSpan, settings);
        EncodeToIds(all, ids);
        return ids.Count <= settings.MaxTokenCount ? ids.Count : CountFirst(TokenizeTrimmed(all), settings.MaxTokenCount);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and <see cref="InvalidText"/> says to refuse it.</exception>
    protected sealed override int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        ReadOnlySpan<char> all = Text(text, textSpan, settings);
        TokenSequence tokens = TokenizeTrimmed(all);
        normalizedText = null; // places are those of the text itself
        tokenCount = fromEnd ? CountLast(tokens, settings.MaxTokenCount) : CountFirst(tokens, settings.MaxTokenCount);
        if (!fromEnd)
            return EndOf(tokens, tokenCount, all.Length);
        return tokenCount == tokens.Count ? 0 : tokenCount == 0 ? all.Length : tokens.Offsets[tokens.Count - tokenCount].Start;
    }

    /// <summary>The tokens with the places that <see cref="Encode"/> gives them.</summary>
    private TokenSequence TokenizeTrimmed(ReadOnlySpan<char> text)
    {
        TokenSequence tokens = Tokenize(text);
        Pipeline.OffsetTrimming?.Apply(text, tokens, this);
        return tokens;
    }

    /// <summary>How many of the first tokens, at most so many, leave no character in part to the others.</summary>
    private static int CountFirst(TokenSequence tokens, int most)
    {
        int count = Math.Min(tokens.Count, most);
        while (count > 0 && SplitsCharacter(tokens, count))
            count--;
        return count;
    }

    /// <summary>How many of the last tokens, at most so many, have no character in part from the others.</summary>
    private static int CountLast(TokenSequence tokens, int most)
    {
        int count = Math.Min(tokens.Count, most);
        while (count > 0 && SplitsCharacter(tokens, tokens.Count - count))
            count--;
        return count;
    }

    /// <summary>Whether the tokens before a place and those from there on share a character, as two that are bytes of one do.</summary>
    private static bool SplitsCharacter(TokenSequence tokens, int place) =>
        place > 0 && place < tokens.Count && tokens.Offsets[place].Start < tokens.Offsets[place - 1].End;

    /// <summary>Where the first tokens of a text end; all of the text where it has no more.</summary>
    private static int EndOf(TokenSequence tokens, int count, int length) =>
        count == tokens.Count ? length : count == 0 ? 0 : tokens.Offsets[count - 1].End;

    private static ReadOnlySpan<char> Text(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.MaxTokenCount, 1, "maxTokenCount");
        if (!settings.ConsiderNormalization || !settings.ConsiderPreTokenization)
            throw new ArgumentException(
                "Normalization and pre-tokenization belong to this tokenizer and must be considered. Leave the two arguments out.",
                settings.ConsiderNormalization ? "considerPreTokenization" : "considerNormalization");
        return text is null ? textSpan : text;
    }
}
