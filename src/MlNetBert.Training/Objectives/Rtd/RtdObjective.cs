using MlNetBert.Models;
using MlNetBert.Text.Randomness;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives.Rtd;

/// <summary>
/// Replaced-token detection (ELECTRA, Clark et al. 2020, arXiv:2003.10555): a generator learns masked language modeling; what is drawn from
/// its predictions replaces the masked tokens, and a discriminator learns to tell at every token but padding, special tokens too, whether
/// it was replaced. A drawn token that is the text's own counts as such. No gradient of the discriminator reaches the generator's
/// predictions; the two share embeddings.
/// </summary>
internal sealed class RtdObjective : Objective, IDisposable
{
    /// <summary>The weight of the discriminator's loss in every evaluation, the paper's.</summary>
    public const double PublishedWeight = 50;

    /// <summary>The metric's name of the generator's mean cross entropy of masked tokens.</summary>
    public const string GeneratorLoss = "generator_loss";

    /// <summary>The metric's name of the discriminator's mean binary cross entropy of tokens.</summary>
    public const string DiscriminatorLoss = "discriminator_loss";

    /// <summary>The metric's name of the fraction of the replaced tokens that are found.</summary>
    public const string Found = "found";

    /// <summary>The metric's name of the fraction of the text's own tokens that are taken for such.</summary>
    public const string Kept = "kept";

    /// <summary>The metric's name of the fraction of all tokens that are replaced: the base rate.</summary>
    public const string Replaced = "replaced";

    private const string Tokens = "tokens";

    private readonly RtdModels _models;
    private readonly IBatchSource<CorruptedBatch> _batches;
    private readonly long _seed;
    private readonly int _stream;
    private readonly double _weight;
    private readonly ComputePrecision? _precision;
    private readonly bool _ownsGenerator;
    private readonly Device _device;

    /// <summary>Creates the objective.</summary>
    /// <param name="models">The models to train.</param>
    /// <param name="batches">Masked blocks.</param>
    /// <param name="seed">The seed that the blocks are masked by, and replacements drawn.</param>
    /// <param name="stream">The stream of random numbers of the masks.</param>
    /// <param name="weight">The weight of the discriminator's loss in training.</param>
    /// <param name="precision">The number format of matrix multiplications of an evaluation; null is the models' own.</param>
    /// <param name="ownsGenerator">Whether the generator is disposed of with this object.</param>
    public RtdObjective(
        RtdModels models, IBatchSource<CorruptedBatch> batches, long seed, int stream, double weight = PublishedWeight,
        ComputePrecision? precision = null, bool ownsGenerator = false)
    {
        (_models, _batches, _seed, _stream, _weight) = (models, batches, seed, stream, weight);
        (_precision, _ownsGenerator, _device) = (precision, ownsGenerator, models.parameters().First().device);
    }

    /// <inheritdoc/>
    public override nn.Module Model => _models;

    /// <inheritdoc/>
    public override long Count => _batches.Count;

    /// <inheritdoc/>
    public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        var masked = _batches.Prepare(examples, at);
        var numbers = new PhiloxStream(_seed, _stream, at.Epoch);
        return new RtdBatch
        {
            Examples = masked.Examples,
            Masked = masked,
            // The masks of a place take its first three numbers.
            Draws = Array.ConvertAll(masked.Positions, place =>
                numbers.Words(masked.Examples[place / masked.Length], place % masked.Length).X3 * (1.0 / (1UL << 32))),
            TargetCounts = [masked.Labels.Length, masked.Tokens],
            Tokens = masked.Tokens,
        };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
    {
        _models.Generator.SeedDropout(dropoutSeed);
        _models.Discriminator.SeedDropout(unchecked(dropoutSeed + 1));
        using var scope = NewDisposeScope();
        var rtd = (RtdBatch)batch;
        var inputs = rtd.Masked.ToInputs(_device, _models.Discriminator.Config);
        var (hidden, labels) = Generate(inputs, rtd.Masked, precision: null);
        var generated = hidden is null ? zeros(1, device: _device).sum() : _models.Generator.Head.LossSum(hidden, labels);
        var (logits, isReplaced) = Detect(inputs, rtd, hidden, labels, precision: null);
        var detected = nn.functional.binary_cross_entropy_with_logits(logits, isReplaced, reduction: nn.Reduction.Sum);
        return
        [
            new LossTerm("generator", generated.MoveToOuterDisposeScope()),
            new LossTerm("discriminator", detected.MoveToOuterDisposeScope(), _weight),
        ];
    }

    /// <inheritdoc/>
    public override void Evaluate(TrainingBatch batch, MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(sums);
        using var scope = NewDisposeScope();
        var rtd = (RtdBatch)batch;
        var inputs = rtd.Masked.ToInputs(_device, _models.Discriminator.Config);
        var (hidden, labels) = Generate(inputs, rtd.Masked, _precision);
        if (hidden is not null)
        {
            var (loss, right) = _models.Generator.Head.Score(hidden, labels, _precision);
            sums.Add(MetricSums.Loss, loss);
            sums.Add(MetricSums.Correct, right);
            sums.Add(MetricSums.Targets, labels.shape[0]);
        }

        var (logits, isReplaced) = Detect(inputs, rtd, hidden, labels, _precision);
        var losses = nn.functional.binary_cross_entropy_with_logits(logits, isReplaced, reduction: nn.Reduction.None);
        var (replaced, judged) = (isReplaced.gt(0), logits.gt(0));
        sums.Add(DiscriminatorLoss, losses.sum(ScalarType.Float64).cpu().item<double>());
        sums.Add(Tokens, logits.shape[0]);
        sums.Add(Replaced, Sum(replaced));
        sums.Add(Found, Sum(replaced.logical_and(judged)));
        sums.Add(Kept, Sum(replaced.logical_or(judged).logical_not()));
    }

    /// <inheritdoc/>
    public override EvaluationResult Result(MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var (tokens, replaced) = (sums[Tokens], sums[Replaced]);
        var (generator, discriminator) = (sums.MeanPerTarget, sums[DiscriminatorLoss] / tokens);
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            [GeneratorLoss] = generator,
            [DiscriminatorLoss] = discriminator,
            [Replaced] = replaced / tokens,
            [Kept] = sums[Kept] / (tokens - replaced),
        };
        if (replaced > 0)
            metrics[Found] = sums[Found] / replaced;
        return new EvaluationResult(
            generator + (PublishedWeight * discriminator), (sums[Found] + sums[Kept]) / tokens, (long)tokens)
        {
            Metrics = metrics,
        };
    }

    /// <summary>Disposes of the generator where it was made for this object.</summary>
    public void Dispose()
    {
        if (_ownsGenerator)
            _models.Generator.Dispose();
    }

    private static double Sum(Tensor where) => where.sum().cpu().item<long>();

    /// <summary>The generator's hidden states at the targets and their labels; no hidden states where there is no target.</summary>
    private (Tensor? Hidden, Tensor Labels) Generate(ModelInputs inputs, CorruptedBatch masked, ComputePrecision? precision)
    {
        var labels = BatchTensors.Vector(masked.Labels, _device);                            // [targets]
        if (masked.Labels.Length == 0)
            return (null, labels);
        var hidden = _models.Generator.Backbone.forward(inputs, precision: precision).LastHiddenState; // [batch, sequence, hidden]
        var places = BatchTensors.Vector(masked.Positions, _device);                         // [targets]
        return (hidden.reshape(-1, hidden.shape[2]).index_select(0, places), labels);
    }

    /// <summary>The discriminator's scores of all tokens but padding, and which of them were replaced: [tokens] each, float32.</summary>
    private (Tensor Logits, Tensor IsReplaced) Detect(
        ModelInputs inputs, RtdBatch batch, Tensor? hidden, Tensor labels, ComputePrecision? precision)
    {
        var (ids, isReplaced) = Replace(inputs.Ids, batch, hidden, labels, precision);
        var read = new ModelInputs(ids, inputs.AttentionMask, inputs.TokenTypeIds);
        var states = _models.Discriminator.Backbone.forward(read, precision: precision).LastHiddenState; // [batch, sequence, hidden]
        var logits = _models.Discriminator.Logits(states, precision).flatten();              // [batch · sequence]
        if (inputs.AttentionMask is null)
            return (logits, isReplaced);
        var tokens = inputs.AttentionMask.flatten().nonzero().squeeze(1);                    // [tokens]
        return (logits.index_select(0, tokens), isReplaced.index_select(0, tokens));
    }

    /// <summary>The text with drawn tokens at the targets [batch, sequence], and where these are others than the text's own
    /// [batch · sequence], float32.</summary>
    private (Tensor Ids, Tensor IsReplaced) Replace(
        Tensor masked, RtdBatch batch, Tensor? hidden, Tensor labels, ComputePrecision? precision)
    {
        using var guard = no_grad();
        var isReplaced = zeros(masked.numel(), ScalarType.Float32, _device);
        if (hidden is null)
            return (masked, isReplaced);
        var drawn = _models.Generator.Head.Draw(hidden.detach(), batch.Draws, precision);    // [targets]
        var places = BatchTensors.Vector(batch.Masked.Positions, _device);                   // [targets]
        return (
            masked.flatten().index_copy(0, places, drawn).reshape(masked.shape),
            isReplaced.index_copy(0, places, drawn.ne(labels).to(ScalarType.Float32)));
    }
}
