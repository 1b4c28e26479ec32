using MlNetBert.Inference;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Tokenization;
using static TorchSharp.torch;

namespace MlNetBert.Embeddings;

/// <summary>
/// Makes a vector of each token of texts: the encoder's last hidden states, so that the same word in two contexts has two vectors.
/// Thread-safe; holds no weights of its own.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class TokenEmbedder
{
    private readonly PretrainedModel _model;
    private readonly SubwordTokenizer _tokenizer;
    private readonly int _padding;
    private readonly InferencePlace _place;

    /// <summary>Creates an embedder.</summary>
    /// <param name="model">The model; the caller keeps it alive.</param>
    /// <param name="options">What is a token; null for the defaults.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public TokenEmbedder(PretrainedModel model, TokenEmbeddingOptions? options = null)
        : this(
            model, TokenEmbeddingSettings.Of(options ?? new TokenEmbeddingOptions(), model),
            InferencePlace.Of(options ?? new TokenEmbeddingOptions(), null))
    {
    }

    internal TokenEmbedder(PretrainedModel model, TokenEmbeddingSettings settings, InferencePlace place)
    {
        _model = model.RequireWhole("Embedding");
        _tokenizer = model.Shared.EmbeddingTokenizer;
        _padding = _tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Embedding");
        Dimension = model.Config.HiddenSize;
        Settings = settings;
        _place = place;
    }

    /// <summary>How texts are read.</summary>
    internal TokenEmbeddingSettings Settings { get; }

    /// <summary>Values of a vector: the model's hidden size.</summary>
    public int Dimension { get; }

    /// <summary>Embeds the tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Stops before the text is computed.</param>
    /// <returns>Its tokens.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed of before the call.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public TokenEmbedding Embed(string text, CancellationToken cancellationToken = default) =>
        Embed([text], cancellationToken)[0];

    /// <summary>Embeds the tokens of texts, those of like length together.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Their tokens, in the same order; a text without any has none.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed of before the call.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public IReadOnlyList<TokenEmbedding> Embed(IReadOnlyList<string> texts, CancellationToken cancellationToken = default) =>
        Embed(texts, _place, out _, cancellationToken);

    /// <summary>The same, computed elsewhere or otherwise; it says how many texts were longer than is read.</summary>
    internal IReadOnlyList<TokenEmbedding> Embed(
        IReadOnlyList<string> texts, InferencePlace place, out int cut, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var call = _model.Call(place.Device);
        var encodings = texts.Select(text =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return _tokenizer.Encode(text, options: new EncodeOptions { MaxLength = Settings.MaxLength });
        }).ToList();
        var room = Settings.MaxLength - _tokenizer.Template.AddedCount;
        cut = encodings.Where((encoding, i) => encoding.Count == Settings.MaxLength && _tokenizer.EncodeToIds(texts[i]).Length > room)
            .Count();
        var results = new TokenEmbedding[texts.Count];
        var encoded = encodings.ConvertAll(_model.Config.TextOf);
        EncoderBatches.Run(call, encoded, _padding, place, (batch, hidden, _) =>
        {
            for (var row = 0; row < batch.Count; row++)
            {
                using var scope = NewDisposeScope();
                results[batch[row]] = Tokens(texts[batch[row]], encodings[batch[row]], hidden[row]);
            }
        }, cancellationToken);
        return results;
    }

    /// <summary>The tokens of a text whose hidden states are [sequence, hidden], padding at the end included.</summary>
    private TokenEmbedding Tokens(string text, TokenEncoding encoding, Tensor hidden)
    {
        var (start, count) = (_tokenizer.Template.Before.Count, encoding.Count - _tokenizer.Template.AddedCount);
        var pieces = hidden.narrow(0, start, count); // [pieces, hidden], without special tokens
        List<(int First, int End)> words =
            Settings.Unit == TokenUnit.Word ? Words(encoding, start, count) : [.. Enumerable.Range(0, count).Select(i => (i, i + 1))];
        var offsets = words.ConvertAll(word =>
            new TokenOffset(encoding.Offsets[start + word.First].Start, encoding.Offsets[start + word.End - 1].End));
        if (Settings.Unit == TokenUnit.Word)
            LeaveBlanksOut(text, words, offsets);
        if (words.Count == 0)
            return new TokenEmbedding([], [], []);
        var vectors = Settings.Unit == TokenUnit.Word // [tokens, hidden]
            ? stack(words.Select(word => pieces.narrow(0, word.First, word.End - word.First).mean([0])))
            : pieces;
        if (Settings.Normalize)
            vectors = nn.functional.normalize(vectors, 2, 1);
        var tokens = Settings.Unit == TokenUnit.Word
            ? offsets.ConvertAll(place => text[place.Start..place.End])
            : words.ConvertAll(word => encoding.Tokens[start + word.First]);
        return new TokenEmbedding(tokens, offsets, vectors.contiguous().cpu().data<float>().ToArray());
    }

    /// <summary>
    /// Takes the blank that a word's mark stands for out of its place, and what is blanks alone out of the words.
    /// </summary>
    private static void LeaveBlanksOut(string text, List<(int First, int End)> words, List<TokenOffset> places)
    {
        for (var i = words.Count - 1; i >= 0; i--)
        {
            var (start, end) = Blanks.Trim(text, places[i].Start, places[i].End);
            places[i] = new TokenOffset(start, end);
            if (start < end)
                continue;
            words.RemoveAt(i);
            places.RemoveAt(i);
        }
    }

    /// <summary>The pieces of each word, from the first to the one after the last.</summary>
    private List<(int First, int End)> Words(TokenEncoding encoding, int start, int count)
    {
        var words = new List<(int First, int End)>();
        for (var i = 0; i < count; i++)
        {
            if (words.Count > 0 && _tokenizer.ContinuesWord(encoding.Ids[start + i], encoding.Ids[start + i - 1]))
                words[^1] = (words[^1].First, i + 1);
            else
                words.Add((i, i + 1));
        }

        return words;
    }
}
