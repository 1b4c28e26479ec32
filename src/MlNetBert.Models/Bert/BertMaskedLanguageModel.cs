using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>BERT with its masked-LM head (Hugging Face's <c>BertForMaskedLM</c>).</summary>
internal sealed class BertMaskedLanguageModel : MaskedLanguageModel
{
    [ComponentName(Name = "head")]
    private readonly BertPredictionHead _head;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal BertMaskedLanguageModel(BertConfig config)
        : base(nameof(BertMaskedLanguageModel), new BertEncoder(config, pooler: false))
    {
        _head = new BertPredictionHead(config);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "BertForMaskedLM";

    /// <inheritdoc/>
    public override string BackbonePrefix => BertWeightNames.Prefix;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights() =>
        BertWeightNames.Encoder((BertEncoder)Backbone, BackbonePrefix).Concat(BertWeightNames.PredictionHead(_head, (BertConfig)Config));

    /// <inheritdoc/>
    internal override WeightAliases Aliases => BertWeightNames.Aliases(this, decodes: true);

    private protected override Parameter? Decoder => _head.Decoder;

    private protected override Parameter? DecoderBias => _head.Bias;

    private protected override Tensor Transform(Tensor hidden, ForwardPass pass) => _head.Forward(hidden, pass);
}
