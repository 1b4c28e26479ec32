using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>
/// A backbone with a head that tells at every position whether the token was replaced: ELECTRA's discriminator (Clark et al. 2020,
/// arXiv:2003.10555).
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class ReplacedTokenDetector : ModelWithHead
{
    private readonly ClassificationHead _head;

    /// <summary>The label of the one score, where a configuration names labels.</summary>
    internal static IReadOnlyList<string> LabelNames { get; } = ["REPLACED"];

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns.</param>
    /// <param name="head">The head, with one output.</param>
    public ReplacedTokenDetector(string className, Backbone backbone, ClassificationHead head)
        : base(className, backbone)
    {
        ArgumentNullException.ThrowIfNull(head);
        _head = head;
        head.RegisterIn(this);
        RegisterComponents();
    }

    /// <summary>Scores of replacement at every position.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <returns>Logits [batch, sequence], float32: above 0 where the token is more likely replaced than not.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public Tensor forward(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
    {
        using var scope = NewDisposeScope();
        return Logits(Backbone.forward(new(inputIds, attentionMask, tokenTypeIds)).LastHiddenState).MoveToOuterDisposeScope();
    }

    /// <summary>The head alone.</summary>
    /// <param name="hidden">Hidden states [batch, sequence, hidden].</param>
    /// <param name="precision">The number format of the head's products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>Logits [batch, sequence], float32.</returns>
    public Tensor Logits(Tensor hidden, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var logits = _head.Forward(hidden, NewPass(precision));                        // [batch, sequence, 1]
        return logits.squeeze(-1);
    }

    /// <summary>The mean binary cross entropy over the positions that are no padding.</summary>
    /// <param name="logits">[batch, sequence].</param>
    /// <param name="labels">[batch, sequence]: 1 where the token was replaced, 0 where it is the text's own.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = counts; null counts all.</param>
    /// <returns>A scalar in nats.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels, Tensor? attentionMask = null)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (attentionMask is null)
            return Losses.MultiLabel(logits, labels.to(ScalarType.Float32));
        using var scope = NewDisposeScope();
        var counts = attentionMask.IsEqualTo(0).logical_not();
        return Losses.MultiLabel(logits[counts], labels[counts].to(ScalarType.Float32)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() => _head.Weights();

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var logits = named["logits"] = Logits(RunBackbone(inputs, named).LastHiddenState);
        var mask = inputs.Find("attention_mask");
        return new ReferenceOutputs(named, inputs.Find("labels") is { } labels ? Loss(logits, labels, mask) : null);
    }
}
