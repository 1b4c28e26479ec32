using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;

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
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="config">The configuration.</param>
    internal ModernBertMaskedLanguageModel(string className, ModernBertConfig config)
        : base(className, new ModernBertEncoder(config))
    {
        _head = new ModernBertHead(config);
        _decoder = config.TieWordEmbeddings ? null : Initialization.Allocate(config.VocabularySize, config.HiddenSize);
        _decoderBias = config.DecoderBias ? Initialization.Allocate(config.VocabularySize) : null;
        Head = new VocabularyHead(this, _head, () => _decoder, () => _decoderBias);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override VocabularyHead Head { get; }

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() =>
        _head.Weights().Concat(ModernBertWeightNames.Decoder(_decoder, _decoderBias, (ModernBertConfig)Config));
}
