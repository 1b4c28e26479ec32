using MlNetBert.Inference;
using MlNetBert.Models.Layers;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Embeddings;

/// <summary>Makes one vector of each text. Thread-safe; holds no weights of its own.</summary>
[Experimental("MLNETBERT001")]
public sealed class TextEmbedder
{
    private readonly PretrainedModel _model;
    private readonly SubwordTokenizer _tokenizer;
    private readonly int _padding;
    private readonly InferencePlace _place;
    private readonly IReadOnlyList<SentenceStage> _stages;
    private readonly int _promptTokens; // that are read and not pooled

    /// <summary>Creates an embedder.</summary>
    /// <param name="model">The model; the caller keeps it alive.</param>
    /// <param name="options">How to pool; null for the model's own way.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public TextEmbedder(PretrainedModel model, EmbeddingOptions? options = null)
        : this(
            model, EmbeddingSettings.Of(options ?? new EmbeddingOptions(), model),
            InferencePlace.Of(options ?? new EmbeddingOptions(), null))
    {
    }

    internal TextEmbedder(PretrainedModel model, EmbeddingSettings settings, InferencePlace place)
    {
        _model = model.RequireWhole("Embedding");
        _tokenizer = model.Shared.EmbeddingTokenizer;
        _padding = _tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Embedding");
        _stages = [.. model.Shared.Sentence.Stages, .. settings.Normalize ? [SentenceStage.Normalize] : Array.Empty<SentenceStage>()];
        _promptTokens = model.Shared.Sentence.PoolsPrompt || settings.Prompt.Length == 0
            ? 0 : _tokenizer.Template.Before.Count + _tokenizer.EncodeToIds(settings.Prompt).Length;
        Dimension = settings.DimensionOf(model);
        Settings = settings;
        _place = place;
    }

    /// <summary>How texts are read and pooled.</summary>
    internal EmbeddingSettings Settings { get; }

    /// <summary>Values of a vector: the model's hidden size, or what a sentence-transformers directory makes of it.</summary>
    public int Dimension { get; }

    /// <summary>Embeds a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Stops before the text is computed.</param>
    /// <returns>Its vector, [<see cref="Dimension"/>].</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed of before the call.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public float[] Embed(string text, CancellationToken cancellationToken = default) =>
        Embed([text], cancellationToken)[0];

    /// <summary>Embeds texts, those of like length together.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Their vectors, [texts][<see cref="Dimension"/>], in the same order.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed of before the call.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public IReadOnlyList<float[]> Embed(IReadOnlyList<string> texts, CancellationToken cancellationToken = default) =>
        Embed(texts, _place, out _, cancellationToken);

    /// <summary>The same, which says how many texts were longer than is read.</summary>
    internal IReadOnlyList<float[]> Embed(IReadOnlyList<string> texts, out int cut, CancellationToken cancellationToken) =>
        Embed(texts, _place, out cut, cancellationToken);

    /// <summary>The same, computed elsewhere or otherwise.</summary>
    internal IReadOnlyList<float[]> Embed(
        IReadOnlyList<string> texts, InferencePlace place, out int cut, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var call = _model.Call(place.Device);
        var results = new float[texts.Count][];
        EncoderBatches.Run(call, Tokenize(texts, out cut, cancellationToken), _padding, place, (batch, hidden, mask) =>
        {
            var seen = Seen(hidden, mask);
            var vectors = cat([.. Settings.Pooling.Select(pooling => PoolingModes.Pool(pooling, hidden, seen))], 1).cpu();
            foreach (var stage in _stages)
                vectors = stage.Apply(vectors);                                              // [batch, dimension]
            var values = vectors.contiguous().data<float>().ToArray();
            for (var row = 0; row < batch.Count; row++)
                results[batch[row]] = values.AsSpan(row * Dimension, Dimension).ToArray();
        }, cancellationToken);
        return results;
    }

    private List<EncodedText> Tokenize(IReadOnlyList<string> texts, out int cut, CancellationToken cancellationToken)
    {
        cut = 0;
        var encoded = new List<EncodedText>(texts.Count);
        foreach (var text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            encoded.Add(Tokenize(text, ref cut));
        }

        return encoded;
    }

    private EncodedText Tokenize(string text, ref int cut)
    {
        var ids = _tokenizer.EncodeToIds(Settings.Prompt + text);
        var template = _tokenizer.Template;
        var room = Settings.MaxLength - template.AddedCount;
        cut += ids.Length > room ? 1 : 0;
        return _model.Config.TextOf(template.Build(ids.AsSpan(0, Math.Min(ids.Length, room))));
    }

    /// <summary>The tokens that are pooled: [batch, sequence, 1], null where all are.</summary>
    private Tensor? Seen(Tensor hidden, Tensor? mask)
    {
        if (_promptTokens == 0)
            return mask;
        var behind = TensorArithmetic.Range(hidden.shape[1], hidden.device).IsAbove(_promptTokens - 1).view(1, -1, 1)
            .expand(hidden.shape[0], -1, -1).to(ScalarType.Float32);
        return mask is null ? behind : mask * behind;
    }
}
