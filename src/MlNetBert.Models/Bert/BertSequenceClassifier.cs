using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>BERT with a classifier over its pooled output (Hugging Face's <c>BertForSequenceClassification</c>).</summary>
internal sealed class BertSequenceClassifier : SequenceClassifier
{
    private readonly double _dropout;

    [ComponentName(Name = "classifier")]
    private readonly Dense _classifier;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal BertSequenceClassifier(BertConfig config)
        : base(nameof(BertSequenceClassifier), new BertEncoder(config, pooler: true))
    {
        _dropout = config.ClassifierDropout ?? config.HiddenDropout;
        _classifier = new Dense(config.HiddenSize, config.Labels.Count);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "BertForSequenceClassification";

    /// <inheritdoc/>
    public override string BackbonePrefix => BertWeightNames.Prefix;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights() => BertWeightNames.WithClassifier(this, "classifier", _classifier);

    /// <inheritdoc/>
    internal override WeightAliases Aliases => BertWeightNames.Aliases(this);

    private protected override Tensor Classify(BackboneOutput output, Tensor? attentionMask, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var pooled = output.PoolerOutput
            ?? throw new ArgumentException("The encoder output has no pooled state; run this model's own encoder.", nameof(output));
        var dropped = pass.Dropout?.Apply(pooled, _dropout) ?? pooled;                       // [batch, hidden]
        return _classifier.Forward(dropped, pass).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
