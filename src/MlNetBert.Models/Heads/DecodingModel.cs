using MlNetBert.Models.Checkpoints;
using TorchSharp.Utils;

namespace MlNetBert.Models.Heads;

/// <summary>A backbone with a <see cref="PredictionHead"/>: Hugging Face's <c>BertForMaskedLM</c> and its kin.</summary>
internal sealed class DecodingModel : MaskedLanguageModel
{
    [ComponentName(Name = "head")]
    private readonly PredictionHead _head;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns.</param>
    /// <param name="head">The head.</param>
    public DecodingModel(string className, Backbone backbone, PredictionHead head)
        : base(className, backbone)
    {
        _head = head;
        Head = new VocabularyHead(this, _head, () => _head.Decoder, () => _head.Bias);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override VocabularyHead Head { get; }

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() => _head.Weights();
}
