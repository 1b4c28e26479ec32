using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>
/// The ModernBERT encoder (Hugging Face's <c>ModernBertModel</c>): pre-norm, rotary positions, gated feed-forward, local and global
/// attention.
/// </summary>
internal sealed class ModernBertEncoder : Backbone
{
    private readonly ModernBertConfig _config;
    private readonly RotaryTable _globalAngles;
    private readonly RotaryTable _localAngles;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "embeddingNorm")]
    private readonly Norm _embeddingNorm;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<ModernBertLayer> _layers;

    [ComponentName(Name = "finalNorm")]
    private readonly Norm _finalNorm;

    /// <summary>Builds the encoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal ModernBertEncoder(ModernBertConfig config)
        : base(nameof(ModernBertEncoder), config)
    {
        _config = config;
        _globalAngles = new RotaryTable(config.GlobalRopeTheta, config.HeadSize, config.MaxPositions);
        _localAngles = new RotaryTable(config.LocalRopeTheta, config.HeadSize, config.MaxPositions);
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize, config.PadTokenId);
        _embeddingNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon, config.NormBias);
        _layers = new ModuleList<ModernBertLayer>([.. Enumerable.Range(0, config.LayerCount).Select(i => new ModernBertLayer(config, i))]);
        _finalNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon, config.NormBias);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "ModernBertModel";

    /// <inheritdoc/>
    public override string PrefixInModels => ModernBertWeightNames.Prefix;

    internal EmbeddingTable Words => _words;

    internal Norm EmbeddingNorm => _embeddingNorm;

    internal IReadOnlyList<ModernBertLayer> Layers => [.. _layers];

    internal Norm FinalNorm => _finalNorm;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_words, _embeddingNorm];

    /// <inheritdoc/>
    internal override void BorrowEmbeddings(Backbone owner)
    {
        var other = (ModernBertEncoder)owner;
        _words.Borrow(other._words);
        _embeddingNorm.Borrow(other._embeddingNorm);
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => ModernBertWeightNames.Encoder(this, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) =>
        ModernBertWeightNames.Aliases(Config, prefix, decodes);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: false);
        var (inputIds, attentionMask) = (inputs.Ids, inputs.AttentionMask);
        using var scope = NewDisposeScope();
        var type = pass.ProductType;
        var sequence = inputIds.shape[1];
        var everywhere = AttentionMask.FromPadding(attentionMask, type);
        var nearby = _config.LocalLayers.Contains(true)
            ? AttentionMask.Local(everywhere is null ? null : attentionMask, sequence, _config.LocalWindow / 2, inputIds.device, type)
            : null;
        var hidden = _embeddingNorm.Forward(_words.Forward(inputIds));                       // [batch, sequence, hidden]
        if (pass.Dropout is { } dropout)
            hidden = dropout.Apply(hidden, _config.EmbeddingDropout);
        var states = new List<Tensor>();
        var unpadding = allHiddenStates ? null : Unpadding.Of(attentionMask);
        var last = FusedModernBertLayer.Serves(_config) && FusedModernBertLayer.Serves(hidden)
            && KernelsFor(hidden, Layers, allHiddenStates, unpadding, _config.HiddenSize, pass) is { } kernels
            ? Keep(RunFused(hidden, everywhere, nearby, kernels, pass))
            : _finalNorm.Forward(RunPlain());
        if (allHiddenStates)
            states.Add(last);
        return new BackboneOutput(last, states).MoveToOuterScope();

        Tensor RunPlain()
        {
            var globalAngles = _globalAngles.Take(sequence, inputIds.device, type);
            var localAngles = _localAngles.Take(sequence, inputIds.device, type);
            Tensor?[] needed = [everywhere, nearby, globalAngles.Cosine, globalAngles.Sine, localAngles.Cosine, localAngles.Sine];
            return RunLayers(hidden, Layers, Layer, [.. needed.OfType<Tensor>()], allHiddenStates ? states : null, unpadding, pass);

            Tensor Layer(int index, Tensor input, ForwardPass current)
            {
                var layer = _layers[index];
                return layer.Forward(input, layer.IsLocal ? nearby : everywhere, layer.IsLocal ? localAngles : globalAngles, current);
            }
        }
    }

    /// <summary>The layers with kernels between their products, and the norm behind them.</summary>
    /// <param name="hidden">What the first layer takes [batch, sequence, hidden], float32.</param>
    /// <param name="everywhere">The mask of global layers; null for none. Taken over.</param>
    /// <param name="nearby">The mask of local layers; null for none. Taken over.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="pass">The pass, in training.</param>
    internal FusedLayers RunFused(Tensor hidden, Tensor? everywhere, Tensor? nearby, IFusedKernels kernels, ForwardPass pass)
    {
        var global = _globalAngles.Take(hidden.shape[1], hidden.device, ScalarType.Float32);
        var local = _localAngles.Take(hidden.shape[1], hidden.device, ScalarType.Float32);
        var stream = hidden.detach();
        Tensor?[] needed = [everywhere, nearby, global.Cosine, global.Sine, local.Cosine, local.Sine];
        return new FusedLayers(
            hidden.alias(), new LayerState(hidden.detach().to(pass.ProductType).requires_grad_(), stream), _layers.Count, Layer,
            [.. needed.OfType<Tensor>()], ActivationCheckpointing, pass);

        FusedModernBertLayer Layer(int index, LayerState state, ForwardPass current)
        {
            var layer = _layers[index];
            var nextNorm = index + 1 < _layers.Count ? _layers[index + 1].AttentionNorm! : _finalNorm;
            return new FusedModernBertLayer(
                layer, nextNorm, state, layer.IsLocal ? nearby : everywhere, layer.IsLocal ? local : global, kernels, current);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _globalAngles.Dispose();
            _localAngles.Dispose();
        }

        base.Dispose(disposing);
    }
}
