using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>The BERT encoder (Hugging Face's <c>BertModel</c>), with or without its pooler.</summary>
internal sealed class BertEncoder : Backbone
{
    [ComponentName(Name = "embeddings")]
    private readonly BertEmbeddings _embeddings;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<BertLayer> _layers;

    [ComponentName(Name = "pooler")]
    private readonly Dense? _pooler;

    /// <summary>Builds the encoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="pooler">With the pooler: a dense layer and tanh over the first position.</param>
    internal BertEncoder(BertConfig config, bool pooler)
        : base(nameof(BertEncoder), config)
    {
        _embeddings = new BertEmbeddings(config);
        _layers = new ModuleList<BertLayer>([.. Enumerable.Range(0, config.Layers).Select(_ => new BertLayer(config))]);
        _pooler = pooler ? new Dense(config.HiddenSize, config.HiddenSize) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "BertModel";

    /// <summary>The encoder has a pooler.</summary>
    public bool HasPooler => _pooler is not null;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights() => BertWeightNames.Encoder(this, "");

    /// <inheritdoc/>
    internal override WeightAliases Aliases => BertWeightNames.Aliases(this);

    internal BertEmbeddings Embeddings => _embeddings;

    internal IReadOnlyList<BertLayer> Layers => [.. _layers];

    internal Dense? Pooler => _pooler;

    internal override Parameter WordEmbeddings => _embeddings.Words.Rows;

    private protected override BackboneOutput Encode(Tensor inputIds, Tensor? attentionMask, Tensor? tokenTypeIds, bool allHiddenStates,
        ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var mask = AttentionMask.FromPadding(attentionMask, pass.ProductType);
        var hidden = _embeddings.Forward(inputIds, tokenTypeIds, pass);                      // [batch, sequence, hidden]
        var states = new List<Tensor>();
        var (config, unpadding) = ((BertConfig)Config, allHiddenStates ? null : Unpadding.Of(attentionMask));
        hidden = FusedBertLayer.Serves(config)
            && KernelsFor(hidden, Layers, allHiddenStates, unpadding, FusedBertLayer.ColumnsOf(config), pass) is { } kernels
            ? Keep(RunFused(hidden, mask, kernels, pass))
            : RunLayers(
                hidden,
                Layers,
                (index, input, current) => _layers[index].Forward(input, mask, current),
                mask is null ? [] : [mask],
                allHiddenStates ? states : null,
                unpadding,
                pass);
        if (allHiddenStates)
            states.Add(hidden);
        var pooled = _pooler?.Forward(hidden.select(1, 0), pass).to(ScalarType.Float32).tanh(); // [batch, hidden]
        return new BackboneOutput(hidden, states, pooled).MoveToOuterScope();
    }

    /// <summary>The layers with kernels between their products.</summary>
    /// <param name="hidden">What the first layer takes [batch, sequence, hidden], float32.</param>
    /// <param name="mask">What is added to attention's scores; null for nothing. Taken over.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="pass">The pass, in training.</param>
    internal FusedLayers RunFused(Tensor hidden, Tensor? mask, IFusedKernels kernels, ForwardPass pass)
    {
        var embedded = hidden.to(pass.ProductType);
        var start = new LayerState(embedded.detach().requires_grad_(embedded.requires_grad), Stream: null);
        return new FusedLayers(
            embedded,
            start,
            _layers.Count,
            (index, state, current) => new FusedBertLayer(_layers[index], state.Input, mask, kernels, current),
            mask is null ? [] : [mask],
            ActivationCheckpointing,
            pass);
    }
}
