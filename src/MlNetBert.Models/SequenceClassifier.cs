using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>A backbone with a classifier over the whole sequence: classification, several labels at once, or regression.</summary>
[Experimental("MLNETBERT001")]
public sealed class SequenceClassifier : ModelWithHead, IPairScorer
{
    private readonly ClassificationHead _head;
    private readonly SequencePooling _pooling;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns.</param>
    /// <param name="head">The head, with an output for each label.</param>
    /// <param name="pooling">What the head takes.</param>
    public SequenceClassifier(string className, Backbone backbone, ClassificationHead head, SequencePooling pooling)
        : base(className, backbone)
    {
        ArgumentNullException.ThrowIfNull(head);
        (_head, _pooling) = (head, pooling);
        head.RegisterIn(this);
        RegisterComponents();
    }

    /// <inheritdoc/>
    bool IPairScorer.ScoresPairs => Config.Labels.Count == 1;

    /// <inheritdoc/>
    Tensor IPairScorer.ScorePairs(ModelInputs inputs, ComputePrecision? precision) =>
        forward(inputs.Ids, inputs.AttentionMask, inputs.TokenTypeIds, precision);

    /// <summary>Scores of the labels.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <param name="precision">The number format of this pass's products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>Logits [batch, labels], float32.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public Tensor forward(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null, ComputePrecision? precision = null)
    {
        using var scope = NewDisposeScope();
        return Logits(Backbone.forward(new(inputIds, attentionMask, tokenTypeIds), precision: precision), attentionMask, precision)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The head alone.</summary>
    /// <param name="output">What the backbone gave.</param>
    /// <param name="attentionMask">The mask the backbone was run with.</param>
    /// <param name="precision">The number format of the head's products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>Logits [batch, labels], float32.</returns>
    /// <exception cref="InvalidOperationException">The head takes the pooler's output, and the backbone has no pooler.</exception>
    public Tensor Logits(BackboneOutput output, Tensor? attentionMask = null, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var scope = NewDisposeScope();
        var pass = NewPass(precision);
        var pooled = _pooling switch
        {
            SequencePooling.Pooler => Backbone.Pool(output.LastHiddenState, pass)
                ?? throw new InvalidOperationException($"The backbone of {ClassName} has no pooler: build it with one, or pool otherwise."),
            SequencePooling.Mean => Mean(output.LastHiddenState, attentionMask),
            SequencePooling.Last => Last(output.LastHiddenState, attentionMask),
            _ => output.LastHiddenState.select(1, 0),
        };
        return _head.Forward(pooled, pass).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The loss that the configuration's problem type asks for; where it names none, as Hugging Face: one label is regression, integer
    /// labels are classes, others several labels.
    /// </summary>
    /// <param name="logits">[batch, labels].</param>
    /// <param name="labels">[batch] int64 class ids, or [batch, labels] floating point.</param>
    /// <returns>A scalar.</returns>
    public Tensor Loss(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var integers = labels.dtype is ScalarType.Int64 or ScalarType.Int32;
        var problem = Config.ProblemType
            ?? (Config.Labels.Count == 1 ? ProblemType.Regression
                : integers ? ProblemType.SingleLabelClassification
                : ProblemType.MultiLabelClassification);
        return problem switch
        {
            ProblemType.Regression => Losses.Regression(logits, labels),
            ProblemType.MultiLabelClassification => Losses.MultiLabel(logits, labels),
            _ => Losses.Classification(logits, labels),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() => _head.Weights();

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var logits = named["logits"] = Logits(RunBackbone(inputs, named), inputs.Find("attention_mask"));
        return new ReferenceOutputs(named, inputs.Find("labels") is { } labels ? Loss(logits, labels) : null);
    }

    // [batch, sequence, hidden] → [batch, hidden]
    private static Tensor Last(Tensor hidden, Tensor? attentionMask)
    {
        if (attentionMask is null)
            return hidden.select(1, -1);
        using var scope = NewDisposeScope();
        var places = TensorArithmetic.Range(hidden.shape[1], hidden.device);                 // [sequence]
        var last = attentionMask.IsEqualTo(0).logical_not().to(ScalarType.Int64).mul(places).argmax(1);
        return hidden.gather(1, last.view(-1, 1, 1).expand(-1, 1, hidden.shape[2])).squeeze(1).MoveToOuterDisposeScope();
    }

    // [batch, sequence, hidden] → [batch, hidden]
    private static Tensor Mean(Tensor hidden, Tensor? attentionMask)
    {
        if (attentionMask is null)
            return hidden.mean([1]);
        using var scope = NewDisposeScope();
        var seen = attentionMask.to(hidden.dtype).unsqueeze(-1);                             // [batch, sequence, 1]
        return hidden.mul(seen).sum(1).div(seen.sum(1)).MoveToOuterDisposeScope();
    }
}
