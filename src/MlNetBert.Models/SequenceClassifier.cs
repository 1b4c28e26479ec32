using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>An encoder with a classifier over the whole sequence: classification, several labels at once, or regression.</summary>
[Experimental("MLNETBERT001")]
public abstract class SequenceClassifier : ModelWithHead
{
    private protected SequenceClassifier(string name, Backbone encoder)
        : base(name, encoder)
    {
    }

    /// <summary>Scores of the labels.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <returns>Logits [batch, labels], float32.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public Tensor forward(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
    {
        using var scope = NewDisposeScope();
        return Head(Backbone.forward(inputIds, attentionMask, tokenTypeIds), attentionMask).MoveToOuterDisposeScope();
    }

    /// <summary>The head alone.</summary>
    /// <param name="output">What the encoder gave.</param>
    /// <param name="attentionMask">The mask the encoder was run with.</param>
    /// <returns>Logits [batch, labels], float32.</returns>
    public Tensor Head(BackboneOutput output, Tensor? attentionMask = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Classify(output, attentionMask, NewPass());
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

    private protected abstract Tensor Classify(BackboneOutput output, Tensor? attentionMask, ForwardPass pass);
}
