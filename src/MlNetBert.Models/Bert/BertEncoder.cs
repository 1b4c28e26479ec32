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
        _layers = new ModuleList<BertLayer>([.. Enumerable.Range(0, config.LayerCount).Select(_ => new BertLayer(config.LayerShape))]);
        _pooler = pooler ? new Dense(config.HiddenSize, config.HiddenSize) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "BertModel";

    /// <inheritdoc/>
    public override string PrefixInModels => BertWeightNames.Prefix;

    internal BertEmbeddings Embeddings => _embeddings;

    internal IReadOnlyList<BertLayer> Layers => [.. _layers];

    internal Dense? Pooler => _pooler;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _embeddings.Words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_embeddings];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => BertWeightNames.Encoder(this, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) => BertWeightNames.Aliases(Config, prefix, decodes);

    /// <inheritdoc/>
    protected internal override bool IsForHeads(string name) => name.StartsWith(BertWeightNames.Pooler, StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: true);
        using var scope = NewDisposeScope();
        var mask = AttentionMask.FromPadding(inputs.AttentionMask, pass.ProductType);
        var hidden = _embeddings.Forward(inputs, pass);                                      // [batch, sequence, hidden]
        var states = new List<Tensor>();
        var (shape, unpadding) = (((BertConfig)Config).LayerShape, allHiddenStates ? null : Unpadding.Of(inputs.AttentionMask));
        hidden = shape.HasKernels
            && KernelsFor(hidden, Layers, allHiddenStates, unpadding, shape.KernelColumns, pass) is { } kernels
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
        return new BackboneOutput(hidden, states).MoveToOuterScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor? Pool(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _pooler?.Forward(hidden.select(1, 0), pass).to(ScalarType.Float32).tanh().MoveToOuterDisposeScope();
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
