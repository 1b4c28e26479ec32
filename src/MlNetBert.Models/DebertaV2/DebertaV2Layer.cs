using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.DebertaV2;

/// <summary>
/// BERT's layer with disentangled attention: to the score of a query and a key come that of the query and their distance, and that of the
/// key and their distance. The first layer may have a convolution beside it.
/// </summary>
internal sealed class DebertaV2Layer : nn.Module
{
    private readonly DebertaV2Config _config;
    private readonly double _scale;

    [ComponentName(Name = "layer")]
    private readonly BertLayer _layer;

    [ComponentName(Name = "distanceKey")]
    private readonly Dense? _distanceKey;

    [ComponentName(Name = "distanceQuery")]
    private readonly Dense? _distanceQuery;

    [ComponentName(Name = "convolution")]
    private readonly Convolution? _convolution;

    public DebertaV2Layer(DebertaV2Config config, int index)
        : base(nameof(DebertaV2Layer))
    {
        _config = config;
        _scale = 1 / Math.Sqrt((double)config.HeadSize * (1 + config.DistanceScores));
        _layer = new BertLayer(config.LayerShape);
        var owns = config.KnowsDistances && !config.SharesProjections;
        _distanceKey = owns && config.ContentToPosition ? new Dense(config.HiddenSize, config.HiddenSize) : null;
        _distanceQuery = owns && config.PositionToContent ? new Dense(config.HiddenSize, config.HiddenSize) : null;
        _convolution = index == 0 && config.ConvolutionWidth > 0 ? new Convolution(config) : null;
        RegisterComponents();
    }

    public BertLayer Layer => _layer;

    /// <summary>The keys of distances; null where there are none or they are keys as others.</summary>
    public Dense? DistanceKey => _distanceKey;

    /// <summary>The queries of distances; null where there are none or they are queries as others.</summary>
    public Dense? DistanceQuery => _distanceQuery;

    public Convolution? Convolution => _convolution;

    /// <summary>
    /// [batch, sequence, hidden] → [batch, sequence, hidden], float32; of an unpadded pass [tokens, hidden] → [tokens, hidden].
    /// </summary>
    /// <param name="hidden">The layer's input.</param>
    /// <param name="hiddenScores">True where a score does not count [batch, 1, 1 or sequence, sequence]; null where all do.</param>
    /// <param name="distances">What the table of distances has; null where attention knows none.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tensor hidden, Tensor? hiddenScores, Distances? distances, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var output = _layer.Complete(hidden, Attend(hidden, hiddenScores, distances, pass), pass);
        return (_convolution?.Forward(hidden, output, pass) ?? output).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor hidden, Tensor? hiddenScores, Distances? distances, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        // A key's bias is not the same to all scores of a query where its distance weighs it.
        var projected = _config.PositionToContent ? _layer.QueryKeyValue.Forward(hidden, pass) : _layer.Project(hidden, pass);
        var parts = Attention.SplitApart(projected, _config.HeadCount, pass);                // 3 × [batch, heads, sequence, width]
        var (query, key, value) = (parts[0], parts[1], parts[2]);
        var scores = matmul(query, key.transpose(2, 3));                                     // [batch, heads, sequence, sequence]
        if (distances is not null)
        {
            var table = pass.Drop(distances.Table, _config.HiddenDropout);                   // [rows, hidden]
            if (_config.ContentToPosition)
                scores = scores.Plus(Scores(query, KeysOf(table, pass), distances.Rows));
            if (_config.PositionToContent)
                scores = scores.Plus(Scores(key, QueriesOf(table, pass), distances.Rows.t()).transpose(2, 3));
        }

        scores.MultiplyBy(_scale);
        if (hiddenScores is not null)
            scores = scores.WithValue(hiddenScores, finfo(scores.dtype).min);
        return Attention.OfScores(scores, value, mask: null, _config.AttentionDropout, pass).MoveToOuterDisposeScope();
    }

    // A bias would add the same to all scores of a query, which softmax takes away: it is left out, and has no gradient.
    private Tensor KeysOf(Tensor table, ForwardPass pass) => _config.SharesProjections
        ? _layer.QueryKeyValue.ForwardRows(table, _config.HiddenSize, _config.HiddenSize, bias: false, pass)
        : _distanceKey!.ForwardWithoutBias(table, pass);

    private Tensor QueriesOf(Tensor table, ForwardPass pass) => _config.SharesProjections
        ? _layer.QueryKeyValue.ForwardRows(table, 0, _config.HiddenSize, bias: true, pass)
        : _distanceQuery!.Forward(table, pass);

    // [batch, heads, sequence, width], [rows, hidden] → [batch, heads, sequence, sequence]: what each has with the distance to each other.
    private static Tensor Scores(Tensor content, Tensor table, Tensor rows)
    {
        using var scope = NewDisposeScope();
        var (batch, heads, sequence, width) = (content.shape[0], content.shape[1], content.shape[2], content.shape[3]);
        var byHead = table.view(-1, heads, width).permute(1, 2, 0);                          // [heads, width, rows]
        // A product by head: the table is not copied for every text.
        var products = matmul(content.transpose(0, 1).reshape(heads, batch * sequence, width), byHead)
            .view(heads, batch, sequence, -1).transpose(0, 1);                               // [batch, heads, sequence, rows]
        return products.gather(-1, rows.expand(batch, heads, sequence, sequence)).MoveToOuterDisposeScope();
    }
}
