using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>BERT with a head that finds answers (Hugging Face's <c>BertForQuestionAnswering</c>).</summary>
internal sealed class BertQuestionAnsweringModel : QuestionAnsweringModel
{
    [ComponentName(Name = "outputs")]
    private readonly Dense _outputs;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal BertQuestionAnsweringModel(BertConfig config)
        : base(nameof(BertQuestionAnsweringModel), new BertEncoder(config, pooler: false))
    {
        _outputs = new Dense(config.HiddenSize, 2);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "BertForQuestionAnswering";

    /// <inheritdoc/>
    public override string BackbonePrefix => BertWeightNames.Prefix;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights() => BertWeightNames.WithClassifier(this, "qa_outputs", _outputs);

    /// <inheritdoc/>
    internal override WeightAliases Aliases => BertWeightNames.Aliases(this);

    private protected override Tensor Score(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _outputs.Forward(hidden, pass).to(ScalarType.Float32).MoveToOuterDisposeScope(); // [batch, sequence, 2]
    }
}
