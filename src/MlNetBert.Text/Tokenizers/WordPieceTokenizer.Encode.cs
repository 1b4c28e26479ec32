using MlNetBert.Text.Tokenizers.Normalization;

namespace MlNetBert.Text.Tokenizers;

public sealed partial class WordPieceTokenizer
{
    /// <summary>Encodes a text, or a pair of texts: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP].</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">A second text, which gets type id 1.</param>
    /// <param name="options">How to cut, pad and frame; neither cut nor padded, framed by default.</param>
    /// <returns>Ids, offsets, type ids and masks, an entry per token.</returns>
    /// <exception cref="InvalidTextException">A text is not valid UTF-16 and <see cref="WordPieceTokenizerOptions.InvalidText"/> says to
    /// refuse it.</exception>
    /// <exception cref="ArgumentException">The texts cannot be cut to the length asked for in the way asked for.</exception>
    public TokenEncoding Encode(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= EncodeOptions.Default;
        options.Validate();
        TokenSequence first = Tokenize(text);
        TokenSequence? second = pair is null ? null : Tokenize(pair);
        Truncation.Apply(ref first, ref second, options);
        return new EncodingBuilder(this, options).Build(first, second);
    }

    /// <summary>
    /// The fast way: the ids of a text, without special tokens added. Special tokens that stand in the text are recognised.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Takes the ids, after those it holds; unchanged if the text is refused.</param>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and <see cref="WordPieceTokenizerOptions.InvalidText"/> says to
    /// refuse it.</exception>
    public void EncodeIds(ReadOnlySpan<char> text, List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        int before = ids.Count;
        var sink = new IdSink(_speller, ids);
        try
        {
            _addedTokens.Scan(text, ref sink);
        }
        catch (InvalidTextException)
        {
            ids.RemoveRange(before, ids.Count - before);
            throw;
        }
    }

    /// <summary>The ids of a text, without special tokens added.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The ids.</returns>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and <see cref="WordPieceTokenizerOptions.InvalidText"/> says to
    /// refuse it.</exception>
    public int[] EncodeIds(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>((text.Length / 4) + 4);
        EncodeIds(text.AsSpan(), ids);
        return [.. ids];
    }

    private TokenSequence Tokenize(ReadOnlySpan<char> text)
    {
        var ids = new List<int>((text.Length / 4) + 4);
        var offsets = new List<TokenOffset>(ids.Capacity);
        var sink = new OffsetSink(_speller, ids, offsets);
        _addedTokens.Scan(text, ref sink);
        return new TokenSequence(ids, offsets, 0, ids.Count);
    }
}
