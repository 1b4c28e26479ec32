using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>ModernBERT with a classifier at every position (Hugging Face's <c>ModernBertForTokenClassification</c>).</summary>
internal sealed class ModernBertTokenClassifier : TokenClassifier
{
    [ComponentName(Name = "head")]
    private readonly ModernBertClassifierHead _head;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal ModernBertTokenClassifier(ModernBertConfig config)
        : base(nameof(ModernBertTokenClassifier), new ModernBertEncoder(config))
    {
        _head = new ModernBertClassifierHead(config, config.Labels.Count);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "ModernBertForTokenClassification";

    /// <inheritdoc/>
    public override string BackbonePrefix => ModernBertWeightNames.Prefix;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights() => ModernBertWeightNames.WithClassifier(this, _head);

    /// <inheritdoc/>
    internal override WeightAliases Aliases => ModernBertWeightNames.Aliases(this);

    private protected override Tensor Classify(Tensor hidden, ForwardPass pass) => _head.Forward(hidden, pass);
}
