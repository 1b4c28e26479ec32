using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Llama;

/// <summary>
/// Llama's decoder (Hugging Face's <c>LlamaModel</c> and <c>MistralModel</c>): pre-norm, rotary positions, shared keys and values, gated
/// feed-forward.
/// </summary>
internal sealed class LlamaDecoder : Backbone
{
    private readonly LlamaConfig _config;
    private readonly RotaryAngles _angles;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<LlamaLayer> _layers;

    [ComponentName(Name = "finalNorm")]
    private readonly RmsNorm _finalNorm;

    /// <summary>Builds the decoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="config">The configuration.</param>
    public LlamaDecoder(string className, LlamaConfig config)
        : base(nameof(LlamaDecoder), config)
    {
        (ClassName, _config) = (className, config);
        _angles = new RotaryAngles(config.Rotary, config.HeadSize);
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize, config.PadTokenId);
        _layers = new ModuleList<LlamaLayer>([.. Enumerable.Range(0, config.LayerCount).Select(i => new LlamaLayer(config, i))]);
        _finalNorm = new RmsNorm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName { get; }

    /// <inheritdoc/>
    public override string PrefixInModels => LlamaWeightNames.Prefix;

    internal EmbeddingTable Words => _words;

    internal IReadOnlyList<LlamaLayer> Layers => [.. _layers];

    internal RmsNorm FinalNorm => _finalNorm;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_words];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) =>
        LlamaWeightNames.Decoder(this, _config, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) => LlamaWeightNames.Aliases(Config, prefix, decodes);

    /// <inheritdoc/>
    protected internal override KeyValueCache NewCache() => new(_config.LayerCount, _config.Window);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireNoSegments(inputs);
        using var scope = NewDisposeScope();
        var attention = DecoderAttention.Of(inputs, _config.Window, pass.ProductType);
        var angles = _angles.Of(attention.Positions, pass.ProductType);
        var states = new List<Tensor>();
        var hidden = RunLayers(_words.Forward(inputs.Ids), Layers, Layer, [.. attention.Needed, angles.Cosine, angles.Sine],
            allHiddenStates ? states : null, allHiddenStates ? null : attention.Unpadding, pass);
        var last = _finalNorm.Forward(hidden);                                               // [batch, sequence, hidden]
        if (allHiddenStates)
            states.Add(last);
        return new BackboneOutput(last, states).MoveToOuterScope();

        Tensor Layer(int index, Tensor input, ForwardPass current) => _layers[index].Forward(input, attention, angles, current);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _angles.Dispose();
        base.Dispose(disposing);
    }
}
