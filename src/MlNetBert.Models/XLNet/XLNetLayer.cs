using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.XLNet;

/// <summary>
/// One layer: attention that knows distances and whether two tokens are of one segment, and a feed-forward network, each added to its input
/// and then normalized. Queries go through the same weights beside the content, whose keys and values they attend to.
/// </summary>
internal sealed class XLNetLayer : nn.Module
{
    private readonly XLNetConfig _config;

    [ComponentName(Name = "queryKeyValue")]
    private readonly Dense _queryKeyValue;

    [ComponentName(Name = "distanceKey")]
    private readonly Dense _distanceKey;

    [ComponentName(Name = "contentBias")]
    private readonly Parameter _contentBias;

    [ComponentName(Name = "distanceBias")]
    private readonly Parameter _distanceBias;

    [ComponentName(Name = "segmentBias")]
    private readonly Parameter _segmentBias;

    [ComponentName(Name = "segments")]
    private readonly Parameter _segments;

    [ComponentName(Name = "attentionOutput")]
    private readonly Dense _attentionOutput;

    [ComponentName(Name = "attentionNorm")]
    private readonly Norm _attentionNorm;

    [ComponentName(Name = "inner")]
    private readonly Dense _inner;

    [ComponentName(Name = "output")]
    private readonly Dense _output;

    [ComponentName(Name = "outputNorm")]
    private readonly Norm _outputNorm;

    public XLNetLayer(XLNetConfig config)
        : base(nameof(XLNetLayer))
    {
        _config = config;
        _queryKeyValue = new Dense(config.HiddenSize, 3 * config.HiddenSize, bias: false);
        _distanceKey = new Dense(config.HiddenSize, config.HiddenSize, bias: false);
        _contentBias = Initialization.Allocate(config.HiddenSize);
        _distanceBias = Initialization.Allocate(config.HiddenSize);
        _segmentBias = Initialization.Allocate(config.HiddenSize);
        _segments = Initialization.Allocate(2, config.HiddenSize);
        _attentionOutput = new Dense(config.HiddenSize, config.HiddenSize, bias: false);
        _attentionNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        _inner = new Dense(config.HiddenSize, config.IntermediateSize);
        _output = new Dense(config.IntermediateSize, config.HiddenSize);
        _outputNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    /// <summary>Query, key and value in one product: their rows lie one after the other.</summary>
    public Dense QueryKeyValue => _queryKeyValue;

    /// <summary>Keys of distances.</summary>
    public Dense DistanceKey => _distanceKey;

    /// <summary>What is added to queries that look at keys, head after head: [hidden].</summary>
    public Parameter ContentBias => _contentBias;

    /// <summary>What is added to queries that look at distances: [hidden].</summary>
    public Parameter DistanceBias => _distanceBias;

    /// <summary>What is added to queries that look at segments: [hidden].</summary>
    public Parameter SegmentBias => _segmentBias;

    /// <summary>Keys of the same segment and of another: [2, hidden].</summary>
    public Parameter Segments => _segments;

    public Dense AttentionOutput => _attentionOutput;

    public Norm AttentionNorm => _attentionNorm;

    public Dense Inner => _inner;

    public Dense Output => _output;

    public Norm OutputNorm => _outputNorm;

    /// <summary>
    /// [batch, sequence, hidden] → [batch, sequence, hidden], float32; of an unpadded pass [tokens, hidden] → [tokens, hidden].
    /// </summary>
    /// <param name="hidden">The layer's input.</param>
    /// <param name="table">Sines and cosines of distances [distances, hidden].</param>
    /// <param name="content">What tokens see.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tensor hidden, Tensor table, StreamView content, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        // 3 × [batch, heads, sequence, width]
        var parts = Attention.SplitApart(_queryKeyValue.Forward(hidden, pass), _config.HeadCount, pass);
        var context = Attend(parts[0], parts[1], parts[2], KeysOf(table, pass), content, pass);
        return Complete(hidden, context, pass).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Both streams beside each other, the content before the queries: [batch, sequence + queries, hidden] → the same shape, float32; or of
    /// the queries alone [batch, queries, hidden].
    /// </summary>
    /// <param name="hidden">The layer's input.</param>
    /// <param name="table">Sines and cosines of distances [distances, hidden].</param>
    /// <param name="content">What tokens see; null where the content is not wanted any more.</param>
    /// <param name="queries">What queries see.</param>
    /// <param name="sequence">How many places are content.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tensor hidden, Tensor table, StreamView? content, StreamView queries, long sequence, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        long width = _config.HiddenSize;
        var kept = content is null ? hidden.narrow(1, sequence, hidden.shape[1] - sequence) : hidden;
        var query = ByHead(_queryKeyValue.ForwardRows(kept, 0, width, bias: false, pass));   // [batch, heads, (sequence +) queries, width]
        var shared = _queryKeyValue.ForwardRows(hidden.narrow(1, 0, sequence), width, 2 * width, bias: false, pass);
        var (key, value) = (ByHead(shared.narrow(2, 0, width)), ByHead(shared.narrow(2, width, width)));
        var distances = KeysOf(table, pass);
        if (content is null)
            return Complete(kept, Attend(query, key, value, distances, queries, pass), pass).MoveToOuterDisposeScope();
        var ofContent = Attend(query.narrow(2, 0, sequence), key, value, distances, content, pass);
        var ofQueries = Attend(query.narrow(2, sequence, query.shape[2] - sequence), key, value, distances, queries, pass);
        return Complete(kept, cat([ofContent, ofQueries], 1), pass).MoveToOuterDisposeScope();
    }

    private Tensor Complete(Tensor hidden, Tensor context, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var attended = _attentionNorm.Forward(pass.AddDropped(hidden, _attentionOutput.Forward(context, pass), _config.Dropout));
        var inner = pass.Drop(ActivationFunction.Apply(_config.Activation, _inner.Forward(attended, pass)), _config.Dropout);
        return _outputNorm.Forward(pass.AddDropped(attended, _output.Forward(inner, pass), _config.Dropout)).MoveToOuterDisposeScope();
    }

    // 3 × [batch, heads, rows or sequence, width] → the heads' results beside each other [batch, rows, hidden]
    private Tensor Attend(Tensor query, Tensor key, Tensor value, Tensor distances, StreamView view, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var scores = matmul(With(query, _contentBias), key.transpose(2, 3));                 // [batch, heads, rows, sequence]
        scores.Increase(DistanceScores(With(query, _distanceBias), distances, view.Rows, key.shape[2]));
        if (view.Differs is { } differs)
            scores.Increase(SegmentScores(With(query, _segmentBias)).mul(differs));
        scores.MultiplyBy(1 / Math.Sqrt(_config.HeadSize));
        return Attention.OfScores(scores, value, view.Mask, _config.Dropout, pass).MoveToOuterDisposeScope();
    }

    // What a query has with each distance, at each key: [batch, heads, rows, sequence].
    private static Tensor DistanceScores(Tensor query, Tensor distances, Tensor? places, long sequence)
    {
        using var scope = NewDisposeScope();
        var (batch, heads, rows, width) = (query.shape[0], query.shape[1], query.shape[2], query.shape[3]);
        var count = distances.shape[2];
        // A product by head: the table is not copied for every text.
        var products = matmul(query.transpose(0, 1).reshape(heads, batch * rows, width), distances); // [heads, batch · rows, distances]
        if (places is not null)
        {
            return products.view(heads, batch, rows, count).transpose(0, 1).gather(-1, places.expand(batch, heads, rows, sequence))
                .MoveToOuterDisposeScope();
        }

        // The row of a query and a key is sequence − query + key: one further for each key, and one less for each query. So where rows are
        // read as if they were one shorter, each begins where its first key is (Dai et al. 2019, arXiv:1901.02860).
        return products.view(heads, batch, rows * count).narrow(2, sequence, rows * (count - 1)).view(heads, batch, rows, count - 1)
            .narrow(3, 0, sequence).transpose(0, 1).MoveToOuterDisposeScope();
    }

    // Another segment against the same one, which softmax would take away from all keys alike: [batch, heads, rows, 1].
    private Tensor SegmentScores(Tensor query)
    {
        using var scope = NewDisposeScope();
        var keys = _segments.to(query.dtype);
        var difference = keys.select(0, 1).sub(keys.select(0, 0)).view(_config.HeadCount, _config.HeadSize, 1);
        return matmul(query, difference).MoveToOuterDisposeScope();
    }

    private Tensor KeysOf(Tensor table, ForwardPass pass)
    {
        using var keys = _distanceKey.Forward(table, pass);                                    // [distances, hidden]
        using var byHead = keys.view(-1, _config.HeadCount, _config.HeadSize);
        return byHead.permute(1, 2, 0);                                                      // [heads, width, distances]
    }

    private Tensor With(Tensor query, Parameter bias)
    {
        using var byHead = bias.view(_config.HeadCount, 1, _config.HeadSize);
        using var same = byHead.to(query.dtype);
        return query.Plus(same);
    }

    // [batch, rows, hidden] → [batch, heads, rows, width]
    private Tensor ByHead(Tensor rows)
    {
        using var split = rows.reshape(rows.shape[0], rows.shape[1], _config.HeadCount, _config.HeadSize);
        return split.transpose(1, 2);
    }
}
