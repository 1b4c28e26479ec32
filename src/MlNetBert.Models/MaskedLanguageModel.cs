using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>An encoder with a masked-language-modelling head.</summary>
[Experimental("MLNETBERT001")]
public abstract class MaskedLanguageModel : ModelWithHead
{
    private protected MaskedLanguageModel(string name, Backbone encoder)
        : base(name, encoder)
    {
    }

    /// <summary>The head: hidden states at chosen positions to scores of every token. Training takes it at masked positions only.</summary>
    /// <param name="hidden">Hidden states [positions, hidden] (more leading dimensions are kept).</param>
    /// <param name="precision">The number format of the head's matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>Logits [positions, vocabulary], float32 whatever the precision.</returns>
    public Tensor Head(Tensor hidden, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        if (hidden.shape[^1] != Config.HiddenSize)
            throw new ArgumentException(
                $"Hidden states must be [positions, {Config.HiddenSize}], found [{string.Join(", ", hidden.shape)}].", nameof(hidden));
        using var scope = NewDisposeScope();
        var pass = NewPass(precision);
        return Dense.Apply(Transform(hidden, pass), Decoder ?? Backbone.WordEmbeddings, DecoderBias, pass).to(ScalarType.Float32)
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The masked-language-modelling loss that training minimises: the cross entropy of <see cref="Head"/>, SUMMED over positions. With
    /// <see cref="LanguageModelModule.TrainsWithKernels"/> it is computed with its gradient, in the memory of the logits; go back from it with
    /// <see cref="LanguageModelModule.Backward"/>.
    /// </summary>
    /// <param name="hidden">Hidden states at chosen positions [positions, hidden].</param>
    /// <param name="labels">The token of each position within the vocabulary, int64 [positions] on the same device; −100 where there is
    /// nothing to predict.</param>
    /// <returns>A float32 scalar in nats.</returns>
    /// <exception cref="ArgumentException">A tensor has the wrong shape, type or device, or a label on a processor is none of the
    /// vocabulary's.</exception>
    public Tensor LossSum(Tensor hidden, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        ArgumentNullException.ThrowIfNull(labels);
        if (hidden.dim() != 2 || hidden.shape[1] != Config.HiddenSize)
            throw new ArgumentException(
                $"Hidden states must be [positions, {Config.HiddenSize}], found [{string.Join(", ", hidden.shape)}].", nameof(hidden));
        if (labels.dtype != ScalarType.Int64 || labels.dim() != 1 || labels.shape[0] != hidden.shape[0]
            || labels.device_type != hidden.device_type)
            throw new ArgumentException(
                $"Labels must be int64 [{hidden.shape[0]}] on {hidden.device}, found {labels.dtype} "
                    + $"[{string.Join(", ", labels.shape)}] on {labels.device}.",
                nameof(labels));
        if (labels.device_type == TorchSharp.DeviceType.CPU)
            CheckLabels(labels);
        using var scope = NewDisposeScope();
        var pass = NewPass();
        var decoder = Decoder ?? Backbone.WordEmbeddings;
        return decoder.requires_grad && Config.HiddenSize % 8 == 0 && pass.KernelsOn(hidden.device, Config.HiddenSize) is { } kernels
            ? Backbone.Keep(
                new FusedVocabularyLoss(Transform(hidden, pass), decoder, DecoderBias, labels, kernels, pass)).MoveToOuterDisposeScope()
            : nn.functional.cross_entropy(Head(hidden), labels, ignore_index: Losses.IgnoredLabel,
                reduction: nn.Reduction.Sum).MoveToOuterDisposeScope();
    }

    /// <summary>Logits at every position: fill-mask and scoring.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <returns>Logits [batch, sequence, vocabulary], float32.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public Tensor forward(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
    {
        using var scope = NewDisposeScope();
        var output = Backbone.forward(inputIds, attentionMask, tokenTypeIds);
        return Head(output.LastHiddenState).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The masked-language-modelling loss at every position whose label is not −100. Go back from it with
    /// <see cref="LanguageModelModule.Backward"/>.
    /// </summary>
    /// <param name="logits">[…, vocabulary].</param>
    /// <param name="labels">Token ids, int64, of the same leading shape; −100 where there is nothing to predict.</param>
    /// <returns>The mean cross entropy in nats, a scalar; not a number when no label is set, as Hugging Face.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels) => Losses.Classification(logits, labels);

    // A GPU would have to be waited for.
    private void CheckLabels(Tensor labels)
    {
        using var contiguous = labels.contiguous();
        foreach (var label in contiguous.data<long>())
        {
            if (label != Losses.IgnoredLabel && (label < 0 || label >= Config.VocabularySize))
                throw new ArgumentException(
                    $"Labels must be token ids below {Config.VocabularySize}, or {Losses.IgnoredLabel} where there is nothing "
                        + $"to predict, found {label}.",
                    nameof(labels));
        }
    }

    /// <summary>The head's decoder [vocabulary, hidden]; null where it is the word embeddings.</summary>
    private protected abstract Parameter? Decoder { get; }

    /// <summary>Added to the logits [vocabulary]; null for nothing.</summary>
    private protected abstract Parameter? DecoderBias { get; }

    /// <summary>What stands before the decoder: […, hidden] → [… , hidden], float32.</summary>
    private protected abstract Tensor Transform(Tensor hidden, ForwardPass pass);
}
