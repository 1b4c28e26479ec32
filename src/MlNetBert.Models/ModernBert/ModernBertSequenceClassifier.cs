using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>
/// ModernBERT with a classifier over the first position or the mean (Hugging Face's <c>ModernBertForSequenceClassification</c>).
/// </summary>
internal sealed class ModernBertSequenceClassifier : SequenceClassifier
{
    private readonly ModernBertPooling _pooling;

    [ComponentName(Name = "head")]
    private readonly ModernBertClassifierHead _head;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal ModernBertSequenceClassifier(ModernBertConfig config)
        : base(nameof(ModernBertSequenceClassifier), new ModernBertEncoder(config))
    {
        _pooling = config.Pooling;
        _head = new ModernBertClassifierHead(config, config.Labels.Count);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "ModernBertForSequenceClassification";

    /// <inheritdoc/>
    public override string BackbonePrefix => ModernBertWeightNames.Prefix;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights() => ModernBertWeightNames.WithClassifier(this, _head);

    /// <inheritdoc/>
    internal override WeightAliases Aliases => ModernBertWeightNames.Aliases(this);

    private protected override Tensor Classify(BackboneOutput output, Tensor? attentionMask, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _head.Forward(Pool(output.LastHiddenState, attentionMask), pass).MoveToOuterDisposeScope();
    }

    // [batch, sequence, hidden] → [batch, hidden]
    private Tensor Pool(Tensor hidden, Tensor? attentionMask)
    {
        if (_pooling == ModernBertPooling.Classification)
            return hidden.select(1, 0);
        if (attentionMask is null)
            return hidden.mean([1]);
        using var scope = NewDisposeScope();
        var seen = attentionMask.to(hidden.dtype).unsqueeze(-1);                             // [batch, sequence, 1]
        return hidden.mul(seen).sum(1).div(seen.sum(1)).MoveToOuterDisposeScope();
    }
}
