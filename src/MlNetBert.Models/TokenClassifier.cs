using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>A backbone with a classifier at every position: named entities, parts of speech.</summary>
[Experimental("MLNETBERT001")]
public sealed class TokenClassifier : ModelWithHead
{
    private readonly ClassificationHead _head;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns.</param>
    /// <param name="head">The head, with an output for each label.</param>
    public TokenClassifier(string className, Backbone backbone, ClassificationHead head)
        : base(className, backbone)
    {
        ArgumentNullException.ThrowIfNull(head);
        _head = head;
        head.RegisterIn(this);
        RegisterComponents();
    }

    /// <summary>Scores of the labels at every position.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <returns>Logits [batch, sequence, labels], float32.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public Tensor forward(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
    {
        using var scope = NewDisposeScope();
        return Logits(Backbone.forward(new(inputIds, attentionMask, tokenTypeIds)).LastHiddenState).MoveToOuterDisposeScope();
    }

    /// <summary>The head alone.</summary>
    /// <param name="hidden">Hidden states [batch, sequence, hidden].</param>
    /// <param name="precision">The number format of the head's products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>Logits [batch, sequence, labels], float32.</returns>
    public Tensor Logits(Tensor hidden, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return _head.Forward(hidden, NewPass(precision));
    }

    /// <summary>Mean cross entropy over the positions whose label is not −100 (padding, all but a word's first piece).</summary>
    /// <param name="logits">[batch, sequence, labels].</param>
    /// <param name="labels">Class ids [batch, sequence], int64.</param>
    /// <returns>A scalar in nats.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels) => Losses.Classification(logits, labels);

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() => _head.Weights();

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var logits = named["logits"] = Logits(RunBackbone(inputs, named).LastHiddenState);
        return new ReferenceOutputs(named, inputs.Find("labels") is { } labels ? Loss(logits, labels) : null);
    }
}
