using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>
/// Hidden states to scores of every token, and their cross entropy. Scores of more positions than fit into <see cref="MostLogits"/> are
/// computed a slice of positions at a time, so that they are never held at once.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class VocabularyHead
{
    /// <summary>The value of <see cref="MostLogits"/> unless it is set: a gibibyte in float32.</summary>
    internal const long DefaultMostLogits = 1L << 28;

    private readonly LanguageModelModule _model;
    private readonly HeadTransform? _transform;
    private readonly Func<Parameter?> _decoder;
    private readonly Func<Parameter?> _bias;

    /// <summary>Makes the head of a model. Parameters are asked for anew in every pass: <c>to(device)</c> replaces them.</summary>
    /// <param name="model">The model that the parameters belong to.</param>
    /// <param name="transform">What precedes the decoder; null for nothing.</param>
    /// <param name="decoder">Gives the decoder [vocabulary, width of what precedes it], or null where it is the word embeddings of the
    /// model's backbone.</param>
    /// <param name="bias">Gives what is added to the logits [vocabulary], or null for nothing.</param>
    public VocabularyHead(LanguageModelModule model, HeadTransform? transform, Func<Parameter?> decoder, Func<Parameter?> bias)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(bias);
        (_model, _transform, _decoder, _bias) = (model, transform, decoder, bias);
    }

    /// <summary>How many logits are held at once where a loss or a score is computed.</summary>
    /// <value>Default: 2²⁸, a gibibyte in float32.</value>
    internal long MostLogits { get; set; } = DefaultMostLogits;

    private ModelConfig Config => _model.Config;

    private Parameter Decoder => _decoder() ?? _model.Backbone.WordEmbeddings;

    /// <summary>Scores of every token at chosen positions.</summary>
    /// <param name="hidden">Hidden states [positions, hidden] (more leading dimensions are kept).</param>
    /// <param name="precision">The precision of the head's matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>Logits [positions, vocabulary], float32 whatever the precision.</returns>
    /// <exception cref="ArgumentException">The hidden states have another width.</exception>
    public Tensor Logits(Tensor hidden, ComputePrecision? precision = null)
    {
        CheckWidth(hidden, isMatrix: false);
        using var scope = NewDisposeScope();
        var pass = _model.NewPass(precision);
        return Decode(Transform(hidden, pass), pass).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The loss that training minimizes: the cross entropy of <see cref="Logits"/>, SUMMED over positions. With
    /// <see cref="LanguageModelModule.TrainsWithKernels"/>, and where positions are many, libtorch has no graph of it as a whole: go back
    /// from it with <see cref="LanguageModelModule.Backward(Tensor)"/>.
    /// </summary>
    /// <param name="hidden">Hidden states at chosen positions [positions, hidden].</param>
    /// <param name="labels">The token of each position within the vocabulary, int64 [positions] on the same device; −100 where there is
    /// nothing to predict.</param>
    /// <param name="labelSmoothing">The share of each target that is spread over the whole vocabulary, in [0, 1) (Szegedy et al. 2015,
    /// arXiv:1512.00567); with 0 the loss is the cross entropy.</param>
    /// <returns>A float32 scalar in nats.</returns>
    /// <exception cref="ArgumentException">A tensor has the wrong shape, type or device, or a label on a processor is none of the
    /// vocabulary's.</exception>
    public Tensor LossSum(Tensor hidden, Tensor labels, double labelSmoothing = 0)
    {
        Check(hidden, labels);
        if (labelSmoothing is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(labelSmoothing), labelSmoothing, "Expected a share of at least 0 and below 1.");
        using var scope = NewDisposeScope();
        var pass = _model.NewPass();
        var transformed = Transform(hidden, pass);                                           // [positions, hidden]
        if (hidden.shape[0] <= SliceRows)
            return Part(transformed, labels, labelSmoothing, pass, kept => _model.LastStack.Keep(kept)).MoveToOuterDisposeScope();
        var sliced = new SlicedVocabularyLoss(
            transformed, labels, SliceRows, (rows, targets, keep) => Part(rows, targets, labelSmoothing, pass, keep));
        if (is_grad_enabled() && (transformed.requires_grad || Decoder.requires_grad))
            return _model.LastStack.Keep(sliced).MoveToOuterDisposeScope();
        using (sliced)
            return sliced.TakeOutput().detach().MoveToOuterDisposeScope();
    }

    /// <summary>The loss and how many positions are right, without a graph.</summary>
    /// <param name="hidden">Hidden states at chosen positions [positions, hidden].</param>
    /// <param name="labels">As of <see cref="LossSum"/>, without positions where there is nothing to predict.</param>
    /// <param name="precision">The precision of the head's matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>The cross entropy in nats, summed in float64, and at how many positions the label has the highest score.</returns>
    /// <exception cref="ArgumentException">As of <see cref="LossSum"/>.</exception>
    public (double LossSum, long Right) Score(Tensor hidden, Tensor labels, ComputePrecision? precision = null)
    {
        var (loss, right) = (0.0, 0L);
        ForEachSlice(hidden, labels, precision, (logits, targets) =>
        {
            loss += CrossEntropies(logits, targets).sum(ScalarType.Float64).cpu().item<double>();
            right += logits.argmax(1).eq(targets).sum().cpu().item<long>();
        });
        return (loss, right);
    }

    /// <summary>The cross entropy at each position, without a graph.</summary>
    /// <param name="hidden">Hidden states at chosen positions [positions, hidden].</param>
    /// <param name="labels">As of <see cref="Score"/>.</param>
    /// <param name="precision">The precision of the head's matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>[positions], float32, in nats.</returns>
    /// <exception cref="ArgumentException">As of <see cref="LossSum"/>.</exception>
    public Tensor LossPerPosition(Tensor hidden, Tensor labels, ComputePrecision? precision = null)
    {
        using var scope = NewDisposeScope();
        var slices = new List<Tensor>();
        ForEachSlice(hidden, labels, precision, (logits, targets) => slices.Add(CrossEntropies(logits, targets).MoveToOuterDisposeScope()));
        return cat(slices).MoveToOuterDisposeScope();
    }

    /// <summary>Draws a token at each position from the softmax of <see cref="Logits"/>, without a graph.</summary>
    /// <param name="hidden">Hidden states at chosen positions [positions, hidden].</param>
    /// <param name="places">Where in the cumulative distribution of each position, from 0 (included) to 1 (excluded).</param>
    /// <param name="precision">The precision of the head's matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>Token ids, int64 [positions], where the hidden states are.</returns>
    /// <exception cref="ArgumentException">There are more or fewer places than positions.</exception>
    internal Tensor Draw(Tensor hidden, ReadOnlySpan<double> places, ComputePrecision? precision = null)
    {
        CheckWidth(hidden, isMatrix: true);
        if (places.Length != hidden.shape[0])
        {
            throw new ArgumentException(
                $"Expected a place for each of {hidden.shape[0]} positions, found {places.Length}.", nameof(places));
        }

        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var slices = new List<Tensor>();
        for (var first = 0; first < places.Length; first += (int)SliceRows)
        {
            var count = (int)Math.Min(SliceRows, places.Length - first);
            using var slice = NewDisposeScope();
            var logits = Logits(hidden.narrow(0, first, count), precision);                  // [count, vocabulary]
            slices.Add(TokenDraw.From(logits, places.Slice(first, count)).MoveToOuterDisposeScope());
        }

        return cat(slices).MoveToOuterDisposeScope();
    }

    private static Tensor CrossEntropies(Tensor logits, Tensor targets) =>
        nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.None);

    private void ForEachSlice(Tensor hidden, Tensor labels, ComputePrecision? precision, Action<Tensor, Tensor> take)
    {
        Check(hidden, labels);
        using var guard = no_grad();
        for (long first = 0; first < hidden.shape[0]; first += SliceRows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(SliceRows, hidden.shape[0] - first);
            take(Logits(hidden.narrow(0, first, count), precision), labels.narrow(0, first, count)); // [count, vocabulary], [count]
        }
    }

    private long SliceRows => Math.Max(1, MostLogits / Config.VocabularySize);

    private Tensor Transform(Tensor hidden, ForwardPass pass) => _transform?.Forward(hidden, pass) ?? hidden.alias();

    private Tensor Decode(Tensor transformed, ForwardPass pass) =>
        Dense.Apply(transformed, Decoder, _bias(), pass).to(ScalarType.Float32);

    private Tensor Part(Tensor transformed, Tensor labels, double smoothing, ForwardPass pass, Func<IKeptPass, Tensor> keep)
    {
        var decoder = Decoder;
        var width = decoder.shape[1];
        if (smoothing > 0)
            return Smoothed(Decode(transformed, pass), labels, smoothing);
        return decoder.requires_grad && width % 8 == 0 && pass.KernelsOn(transformed.device, width) is { } kernels
            ? keep(new FusedVocabularyLoss(transformed, decoder, _bias(), labels, kernels, pass))
            : nn.functional.cross_entropy(Decode(transformed, pass), labels, ignore_index: Losses.IgnoredLabel,
                reduction: nn.Reduction.Sum);
    }

    // (1 − s) · cross entropy + s · the mean of −log p over the vocabulary, as transformers' LabelSmoother.
    private static Tensor Smoothed(Tensor logits, Tensor labels, double smoothing)
    {
        using var scope = NewDisposeScope();
        var exact = nn.functional.cross_entropy(logits, labels, ignore_index: Losses.IgnoredLabel, reduction: nn.Reduction.Sum);
        var isTarget = labels.IsEqualTo(Losses.IgnoredLabel).logical_not().to(ScalarType.Float32);
        var spread = logits.logsumexp(1).sub(logits.mean([1])).mul(isTarget).sum();
        return exact.Times(1 - smoothing).Plus(spread.Times(smoothing)).MoveToOuterDisposeScope();
    }

    private void CheckWidth(Tensor hidden, bool isMatrix)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        if (hidden.shape[^1] != Config.HiddenSize || (isMatrix && hidden.dim() != 2))
            throw new ArgumentException(
                $"Hidden states must be [positions, {Config.HiddenSize}], found [{string.Join(", ", hidden.shape)}].", nameof(hidden));
    }

    private void Check(Tensor hidden, Tensor labels)
    {
        CheckWidth(hidden, isMatrix: true);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.dtype != ScalarType.Int64 || labels.dim() != 1 || labels.shape[0] != hidden.shape[0]
            || labels.device_type != hidden.device_type)
            throw new ArgumentException(
                $"Labels must be int64 [{hidden.shape[0]}] on {hidden.device}, found {labels.dtype} "
                    + $"[{string.Join(", ", labels.shape)}] on {labels.device}.",
                nameof(labels));
        if (labels.device_type == TorchSharp.DeviceType.CPU)
            CheckLabels(labels);
    }

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
}
