using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>ModernBERT with its masked-LM head (Hugging Face's <c>ModernBertForMaskedLM</c>).</summary>
internal sealed class ModernBertMaskedLanguageModel : MaskedLanguageModel
{
    [ComponentName(Name = "head")]
    private readonly ModernBertHead _head;

    [ComponentName(Name = "decoder")]
    private readonly Parameter? _decoder;

    [ComponentName(Name = "decoderBias")]
    private readonly Parameter? _decoderBias;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal ModernBertMaskedLanguageModel(ModernBertConfig config)
        : base(nameof(ModernBertMaskedLanguageModel), new ModernBertEncoder(config))
    {
        _head = new ModernBertHead(config);
        _decoder = config.TieWordEmbeddings ? null : Initialization.Allocate(config.VocabularySize, config.HiddenSize);
        _decoderBias = config.DecoderBias ? Initialization.Allocate(config.VocabularySize) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "ModernBertForMaskedLM";

    /// <inheritdoc/>
    public override string BackbonePrefix => ModernBertWeightNames.Prefix;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights() =>
        ModernBertWeightNames.MaskedLanguageModel((ModernBertEncoder)Backbone, _head, _decoder, _decoderBias);

    /// <inheritdoc/>
    internal override WeightAliases Aliases => ModernBertWeightNames.Aliases(this, decodes: true);

    private protected override Parameter? Decoder => _decoder;

    private protected override Parameter? DecoderBias => _decoderBias;

    private protected override Tensor Transform(Tensor hidden, ForwardPass pass) => _head.Forward(hidden, pass);
}
