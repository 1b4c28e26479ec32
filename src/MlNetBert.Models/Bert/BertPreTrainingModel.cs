using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>BERT with both of its pretraining heads, masked LM and next sentence (Hugging Face's <c>BertForPreTraining</c>).</summary>
internal sealed class BertPreTrainingModel : MaskedLanguageModel
{
    [ComponentName(Name = "head")]
    private readonly BertPredictionHead _head;

    [ComponentName(Name = "relationship")]
    private readonly Dense _relationship;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="config">The configuration.</param>
    internal BertPreTrainingModel(string className, BertConfig config)
        : base(className, new BertEncoder(config, pooler: true))
    {
        _head = new BertPredictionHead(config);
        _relationship = new Dense(config.HiddenSize, 2);
        Head = new VocabularyHead(this, _head, () => _head.Decoder, () => _head.Bias);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override VocabularyHead Head { get; }

    /// <summary>The next-sentence head.</summary>
    /// <param name="hidden">Hidden states [batch, sequence, hidden].</param>
    /// <returns>Logits [batch, 2], float32: 0 = the second segment follows the first, 1 = it does not.</returns>
    public Tensor NextSentence(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        var pass = NewPass();
        return _relationship.Forward(Backbone.Pool(hidden, pass)!, pass).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() =>
        _head.Weights().Concat(_relationship.Weights("cls.seq_relationship", BertWeightNames.Drawn(Config)));

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var output = RunBackbone(inputs, named);
        var predictions = named["prediction_logits"] = Head.Logits(output.LastHiddenState);
        var relationship = named["seq_relationship_logits"] = NextSentence(output.LastHiddenState);
        var (labels, next) = (inputs.Find("labels"), inputs.Find("next_sentence_label"));
        return new ReferenceOutputs(
            named, labels is null || next is null ? null : Loss(predictions, labels).Plus(Losses.Classification(relationship, next)));
    }
}
