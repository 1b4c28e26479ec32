using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using TorchSharp.Utils;

namespace MlNetBert.Models.Bert;

/// <summary>BERT with its masked-LM head (Hugging Face's <c>BertForMaskedLM</c>).</summary>
internal sealed class BertMaskedLanguageModel : MaskedLanguageModel
{
    [ComponentName(Name = "head")]
    private readonly BertPredictionHead _head;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="config">The configuration.</param>
    internal BertMaskedLanguageModel(string className, BertConfig config)
        : base(className, new BertEncoder(config, pooler: false))
    {
        _head = new BertPredictionHead(config);
        Head = new VocabularyHead(this, _head, () => _head.Decoder, () => _head.Bias);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override VocabularyHead Head { get; }

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() => _head.Weights();
}
