using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>BERT with a classifier at every position (Hugging Face's <c>BertForTokenClassification</c>).</summary>
internal sealed class BertTokenClassifier : TokenClassifier
{
    private readonly double _dropout;

    [ComponentName(Name = "classifier")]
    private readonly Dense _classifier;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal BertTokenClassifier(BertConfig config)
        : base(nameof(BertTokenClassifier), new BertEncoder(config, pooler: false))
    {
        _dropout = config.ClassifierDropout ?? config.HiddenDropout;
        _classifier = new Dense(config.HiddenSize, config.Labels.Count);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "BertForTokenClassification";

    /// <inheritdoc/>
    public override string BackbonePrefix => BertWeightNames.Prefix;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights() => BertWeightNames.WithClassifier(this, "classifier", _classifier);

    /// <inheritdoc/>
    internal override WeightAliases Aliases => BertWeightNames.Aliases(this);

    private protected override Tensor Classify(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var dropped = pass.Dropout?.Apply(hidden, _dropout) ?? hidden;                       // [batch, sequence, hidden]
        return _classifier.Forward(dropped, pass).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
