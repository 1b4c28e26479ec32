using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>ModernBERT with a head that finds answers (Hugging Face's <c>ModernBertForQuestionAnswering</c>).</summary>
internal sealed class ModernBertQuestionAnsweringModel : QuestionAnsweringModel
{
    [ComponentName(Name = "head")]
    private readonly ModernBertClassifierHead _head;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal ModernBertQuestionAnsweringModel(ModernBertConfig config)
        : base(nameof(ModernBertQuestionAnsweringModel), new ModernBertEncoder(config))
    {
        _head = new ModernBertClassifierHead(config, labels: 2);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "ModernBertForQuestionAnswering";

    /// <inheritdoc/>
    public override string BackbonePrefix => ModernBertWeightNames.Prefix;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights() => ModernBertWeightNames.WithClassifier(this, _head);

    /// <inheritdoc/>
    internal override WeightAliases Aliases => ModernBertWeightNames.Aliases(this);

    private protected override Tensor Score(Tensor hidden, ForwardPass pass) => _head.Forward(hidden, pass);
}
