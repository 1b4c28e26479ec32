using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>An encoder with a masked-language-modelling head.</summary>
public abstract class MaskedLanguageModel : HeadedModel
{
    private protected MaskedLanguageModel(string name, Encoder encoder)
        : base(name, encoder)
    {
    }

    /// <summary>The head: hidden states at chosen positions to scores of every token. Training takes it at masked positions only.</summary>
    /// <param name="hidden">Hidden states [positions, hidden] (more leading dimensions are kept).</param>
    /// <param name="precision">The number format of the head's matrix products; null is <see cref="PretrainedModule.Precision"/>.</param>
    /// <returns>Logits [positions, vocabulary], float32 whatever the precision.</returns>
    public Tensor Head(Tensor hidden, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        if (hidden.shape[^1] != Config.HiddenSize)
            throw new ArgumentException($"Hidden states must be [positions, {Config.HiddenSize}], found [{string.Join(", ", hidden.shape)}].", nameof(hidden));
        return Predict(hidden, NewPass(precision));
    }

    /// <summary>Logits at every position: fill-mask and scoring.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <returns>Logits [batch, sequence, vocabulary], float32.</returns>
    /// <exception cref="ArgumentException">As <see cref="Encoder.forward"/>.</exception>
    public Tensor forward(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
    {
        using var scope = NewDisposeScope();
        var output = Encoder.forward(inputIds, attentionMask, tokenTypeIds);
        return Head(output.LastHidden).MoveToOuterDisposeScope();
    }

    /// <summary>The masked-language-modelling loss at every position whose label is not −100.</summary>
    /// <param name="logits">[…, vocabulary].</param>
    /// <param name="labels">Token ids, int64, of the same leading shape; −100 where there is nothing to predict.</param>
    /// <returns>The mean cross entropy in nats, a scalar; not a number when no label is set, as Hugging Face.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels) => Losses.Classification(logits, labels);

    private protected abstract Tensor Predict(Tensor hidden, ForwardPass pass);
}
