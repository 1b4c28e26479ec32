using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert;

public partial class SubwordTokenizer
{
    /// <summary>Encodes a text, or a pair of texts, with the special tokens around them: [CLS] text [SEP], say.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">A second text.</param>
    /// <param name="options">How to cut and pad; neither cut nor padded, with special tokens by default.</param>
    /// <returns>Ids, offsets, type ids and masks, an entry per token.</returns>
    /// <exception cref="InvalidTextException">A text is not valid UTF-16 and <see cref="InvalidText"/> says to refuse it.</exception>
    /// <exception cref="ArgumentException">The texts cannot be cut to the length asked for in the way asked for.</exception>
    /// <exception cref="InvalidOperationException">The vocabulary cannot spell a word and there is no unknown token, or there is no padding
    /// token to pad with.</exception>
    /// <exception cref="TokenizerFormatException">A regular expression of the tokenizer takes too long on a text.</exception>
    public TokenEncoding Encode(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= EncodeOptions.Default;
        options.Validate();
        TokenSequence first = Tokenize(text);
        TokenSequence? second = pair is null ? null : Tokenize(pair);
        Truncation.Apply(ref first, ref second, options, Template);
        Pipeline.OffsetTrimming?.Apply(text, first, this);
        if (second is { } other)
            Pipeline.OffsetTrimming?.Apply(pair, other, this);
        return new EncodingBuilder(this, options).Build(first, second);
    }

    /// <summary>
    /// The fast way: the ids of a text, without special tokens added. Special tokens that stand in the text are recognised.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Takes the ids, after those it holds; unchanged if the text is refused.</param>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and <see cref="InvalidText"/> says to refuse it.</exception>
    /// <exception cref="InvalidOperationException">The vocabulary cannot spell a word, and there is no unknown token.</exception>
    /// <exception cref="TokenizerFormatException">A regular expression of the tokenizer takes too long on the text.</exception>
    public void EncodeToIds(ReadOnlySpan<char> text, List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        int before = ids.Count;
        try
        {
            var sink = new IdSink(_speller, ids);
            _addedTokens.Scan(text, ref sink);
            RequireEmbedded(ids, before);
        }
        catch
        {
            ids.RemoveRange(before, ids.Count - before);
            throw;
        }
    }

    /// <summary>The ids of a text, without special tokens added.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The ids.</returns>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and <see cref="InvalidText"/> says to refuse it.</exception>
    /// <exception cref="InvalidOperationException">The vocabulary cannot spell a word, and there is no unknown token.</exception>
    /// <exception cref="TokenizerFormatException">A regular expression of the tokenizer takes too long on the text.</exception>
    public int[] EncodeToIds(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>((text.Length / 4) + 4);
        EncodeToIds(text.AsSpan(), ids);
        return [.. ids];
    }

    private TokenSequence Tokenize(ReadOnlySpan<char> text)
    {
        var ids = new List<int>((text.Length / 4) + 4);
        var offsets = new List<TokenOffset>(ids.Capacity);
        var sink = new OffsetSink(_speller, ids, offsets);
        _addedTokens.Scan(text, ref sink);
        RequireEmbedded(ids, first: 0);
        return new TokenSequence(ids, offsets, 0, ids.Count);
    }

    private void RequireEmbedded(List<int> ids, int first)
    {
        if (Pipeline.EmbeddedCount is { } count && ids.FindIndex(first, id => id >= count) is var place and >= 0)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"The text holds '{Vocabulary[ids[place]]}', token {ids[place]}, but the model has embeddings for {count} tokens ")
                    + "(vocab_size): leave it out of the text, or take a model that was resized for its tokenizer.",
                "text");
        }
    }
}
