using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>
/// A backbone with both heads of its pretraining: masked LM, and a classifier of pairs of texts over the pooler's
/// output (Hugging Face's <c>BertForPreTraining</c> and <c>AlbertForPreTraining</c>).
/// </summary>
internal sealed class PreTrainingModel : MaskedLanguageModel, IPairScorer
{
    private readonly PairHeadNames _names;
    private readonly double _dropout;

    [ComponentName(Name = "head")]
    private readonly PredictionHead _head;

    [ComponentName(Name = "relationship")]
    private readonly Dense _relationship;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone with a pooler, which the model owns.</param>
    /// <param name="head">The masked-LM head.</param>
    /// <param name="names">Of the head over pairs.</param>
    /// <param name="dropout">The probability of dropout before it, in [0, 1).</param>
    internal PreTrainingModel(string className, Backbone backbone, PredictionHead head, PairHeadNames names, double dropout = 0)
        : base(className, backbone)
    {
        (_head, _names, _dropout) = (head, names, dropout);
        _relationship = new Dense(Config.HiddenSize, 2);
        Head = new VocabularyHead(this, _head, () => _head.Decoder, () => _head.Bias);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override VocabularyHead Head { get; }

    /// <inheritdoc/>
    public bool ScoresPairs => true;

    /// <inheritdoc/>
    public Tensor ScorePairs(ModelInputs inputs, ComputePrecision? precision)
    {
        using var scope = NewDisposeScope();
        var hidden = Backbone.forward(inputs, precision: precision).LastHiddenState;         // [batch, sequence, hidden]
        return Relationship(hidden, precision).softmax(1).select(1, 0).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The head over pairs.</summary>
    /// <param name="hidden">Hidden states [batch, sequence, hidden].</param>
    /// <param name="precision">The number format of the head's matrix multiplications; null is the model's own.</param>
    /// <returns>Logits [batch, 2], float32: 0 = the second text is what follows the first, 1 = it is not (BERT: another text; ALBERT: the
    /// two are swapped).</returns>
    public Tensor Relationship(Tensor hidden, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        var pass = NewPass(precision);
        var pooled = pass.Drop(Backbone.Pool(hidden, pass)!, _dropout);                      // [batch, hidden]
        return _relationship.Forward(pooled, pass).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() =>
        _head.Weights().Concat(_relationship.Weights(_names.Weight, PostNormNames.Drawn(Config)));

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var output = RunBackbone(inputs, named);
        var predictions = named["prediction_logits"] = Head.Logits(output.LastHiddenState);
        var relationship = named[_names.Logits] = Relationship(output.LastHiddenState);
        var (labels, pairs) = (inputs.Find("labels"), inputs.Find(_names.Labels));
        return new ReferenceOutputs(
            named, labels is null || pairs is null ? null : Loss(predictions, labels).Plus(Losses.Classification(relationship, pairs)));
    }
}
