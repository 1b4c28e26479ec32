using MlNetBert.Inference;
using MlNetBert.Models.Layers;
using MlNetBert.Text.Tokenizers;
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
    private readonly bool _lowersCase;

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
        _tokenizer = model.Tokenizer;
        _padding = _tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Embedding");
        _lowersCase = model.Shared.Sentence.LowerCase;
        Dimension = model.Config.HiddenSize;
        Settings = settings;
        _place = place;
    }

    /// <summary>How texts are read and pooled.</summary>
    internal EmbeddingSettings Settings { get; }

    /// <summary>Values of a vector: the model's hidden size.</summary>
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
        Embed(texts, _place, cancellationToken);

    /// <summary>The same, computed elsewhere or otherwise.</summary>
    internal IReadOnlyList<float[]> Embed(
        IReadOnlyList<string> texts, InferencePlace place, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var call = _model.Call(place.Device);
        var vectors = new float[texts.Count][];
        EncoderBatches.Run(call, Tokenize(texts, cancellationToken), _padding, place, (batch, hidden, mask) =>
        {
            var pooled = Pool(hidden, mask); // [batch, hidden]
            if (Settings.Normalize)
                pooled = nn.functional.normalize(pooled, 2, 1);
            var values = pooled.contiguous().cpu().data<float>().ToArray();
            for (var row = 0; row < batch.Count; row++)
                vectors[batch[row]] = values.AsSpan(row * Dimension, Dimension).ToArray();
        }, cancellationToken);
        return vectors;
    }

    private List<int[]> Tokenize(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var ids = new List<int[]>(texts.Count);
        foreach (var text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ids.Add(Tokenize(text));
        }

        return ids;
    }

    private int[] Tokenize(string text)
    {
        var ids = _tokenizer.EncodeToIds(_lowersCase ? LowerCasing.Of(text).Text : text);
        var template = _tokenizer.Template;
        return template.Build(ids.AsSpan(0, Math.Min(ids.Length, Settings.MaxLength - template.AddedCount))).Ids;
    }

    /// <summary>[batch, sequence, hidden] → [batch, hidden]; the mask is [batch, sequence, 1], null where nothing is padded.</summary>
    private Tensor Pool(Tensor hidden, Tensor? mask) => (Settings.Pooling, mask) switch
    {
        (Pooling.Cls, _) => hidden.select(1, 0),
        (Pooling.Max, null) => hidden.amax([1]),
        (Pooling.Max, _) => hidden.WithValue(mask.logical_not(), double.NegativeInfinity).amax([1]),
        (_, null) => hidden.mean([1]),
        _ => (hidden * mask).sum(1).div(mask.sum(1)),
    };
}
