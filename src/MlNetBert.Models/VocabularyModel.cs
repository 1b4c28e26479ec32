using MlNetBert.Models.Heads;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>A backbone with a head over the vocabulary, which predicts tokens.</summary>
[Experimental("MLNETBERT001")]
public abstract class VocabularyModel : ModelWithHead
{
    /// <summary>Makes the base of a model.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns.</param>
    protected VocabularyModel(string className, Backbone backbone)
        : base(className, backbone)
    {
    }

    /// <summary>The head: hidden states at chosen positions to scores of every token. Training takes it at targets only.</summary>
    public abstract VocabularyHead Head { get; }

    /// <summary>Logits at every position.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <returns>Logits [batch, sequence, vocabulary], float32.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public Tensor forward(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
    {
        using var scope = NewDisposeScope();
        var output = Backbone.forward(new(inputIds, attentionMask, tokenTypeIds));
        return Head.Logits(output.LastHiddenState).MoveToOuterDisposeScope();
    }

    private protected sealed override bool HasVocabularyHead => true;

    /// <summary>What the head takes to predict the tokens at some places of each text.</summary>
    /// <param name="inputs">The batch, with something at these places that stands for no token.</param>
    /// <param name="places">The places of each row.</param>
    /// <param name="precision">The number format of this pass's products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>Hidden states [places, hidden], row after row, in the caller's dispose scope.</returns>
    internal virtual Tensor StatesFor(ModelInputs inputs, IReadOnlyList<IReadOnlyList<int>> places, ComputePrecision? precision)
    {
        using var scope = NewDisposeScope();
        var states = Backbone.forward(inputs, precision: precision).LastHiddenState;         // [batch, sequence, hidden]
        var positions = places.SelectMany((row, r) => row.Select(place => (r * states.shape[1]) + place)).ToArray();
        return states.reshape(-1, states.shape[2]).index_select(0, tensor(positions, device: states.device)).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of labels as transformers computes it.</summary>
    /// <param name="logits">[batch, sequence, vocabulary].</param>
    /// <param name="labels">Token ids [batch, sequence], int64; −100 where there is nothing to predict.</param>
    /// <returns>A scalar in nats.</returns>
    protected abstract Tensor LossOf(Tensor logits, Tensor labels);

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var logits = named["logits"] = Head.Logits(RunBackbone(inputs, named).LastHiddenState);
        return new ReferenceOutputs(named, inputs.Find("labels") is { } labels ? LossOf(logits, labels) : null);
    }
}
