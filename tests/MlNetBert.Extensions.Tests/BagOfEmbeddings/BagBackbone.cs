using MlNetBert.Models;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Stranger.BagOfEmbeddings;

internal sealed class BagBackbone : Backbone
{
    private readonly EmbeddingTable _words;
    private readonly Norm _norm;
    private readonly ModuleList<BagLayer> _layers;

    public BagBackbone(BagConfig config)
        : base(nameof(BagBackbone), config)
    {
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize, config.PadTokenId);
        _norm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        _layers = new ModuleList<BagLayer>([.. Enumerable.Range(0, config.LayerCount).Select(_ => new BagLayer(config))]);
        RegisterComponents();
    }

    public override string ClassName => "BagModel";

    public override string PrefixInModels => BagWeightNames.Prefix;

    protected override Parameter WordEmbeddings => _words.Rows;

    protected override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    protected override IReadOnlyList<nn.Module> EmbeddingModules => [_words, _norm];

    protected override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => BagWeightNames.Backbone(prefix, (BagConfig)Config, _words, _norm, [.. _layers]);

    protected override WeightAliases AliasesIn(string prefix, bool decodes) => BagWeightNames.Aliases(prefix, decodes);

    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: false);
        if (inputs.TokenTypeIds is not null)
            throw new ArgumentException("A bag has no segments.", nameof(inputs));
        using var scope = NewDisposeScope();
        var words = _words.Forward(inputs.Ids);                                              // [batch, sequence, hidden]
        var mask = (inputs.AttentionMask ?? ones_like(inputs.Ids)).to(ScalarType.Float32).unsqueeze(-1); // [batch, sequence, 1]
        var mean = words.mul(mask).sum(1, keepdim: true).div(mask.sum(1, keepdim: true));    // [batch, 1, hidden]
        var hidden = pass.Drop(_norm.Forward(words.add(mean)), ((BagConfig)Config).Dropout);
        var states = new List<Tensor>();
        var unpadding = allHiddenStates ? null : Unpadding.Of(inputs.AttentionMask);
        hidden = RunLayers(hidden, LayerModules, (index, input, current) => _layers[index].Forward(input, current), [],
            allHiddenStates ? states : null, unpadding, pass);
        if (allHiddenStates)
            states.Add(hidden);
        return new BackboneOutput(hidden, states).MoveToOuterScope();
    }
}
