using System.Globalization;
using MlNetBert.Models;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Training.Loop;

/// <summary>
/// What a training step of a language model takes of ordinary memory, estimated beforehand from the model's shape.
/// </summary>
/// <param name="FixedBytes">Weights, gradients and moments, and the copies of them that checkpoints and the best state need.</param>
/// <param name="BytesPerExample">What the forward pass of one example leaves for the backward pass, but for the logits of its
/// targets.</param>
internal sealed record MemoryEstimate(long FixedBytes, long BytesPerExample)
{
    private const int Float = sizeof(float);

    /// <summary>A weight, its gradient and its two moments.</summary>
    private const int BytesPerParameter = 4 * Float;

    /// <summary>What allocators hold beyond what is asked of them.</summary>
    private const double Slack = 1.15;

    /// <summary>The same for activations, with what the backward pass has in hand at its peak: measured on models of 256 and 512.</summary>
    private const double ActivationSlack = 1.4;

    /// <summary>Workspaces of the kernels and the threads.</summary>
    private const long Workspaces = 20_000_000;

    /// <summary>Where activations take more than this, products of half of them at once are as fast.</summary>
    private const long MostActivations = 1_500_000_000;

    /// <summary>Estimates a step.</summary>
    /// <param name="config">The model.</param>
    /// <param name="blockLength">Tokens of an example.</param>
    /// <param name="targetShare">Share of the tokens that are predicted.</param>
    /// <param name="precision">The number format of matrix products.</param>
    /// <param name="checkpoints">Whether weights and moments are copied to be written.</param>
    /// <param name="keepBest">Whether a copy of the best weights is kept.</param>
    /// <param name="activationCheckpointing">Whether only the layers' inputs are kept, and one layer's activations at a time.</param>
    /// <param name="generator">A model that is trained in the same step on the embeddings of the first, and predicts the tokens instead of
    /// it; null for none.</param>
    /// <returns>The estimate.</returns>
    public static MemoryEstimate Of(
        ModelConfig config,
        int blockLength,
        double targetShare,
        ComputePrecision precision,
        bool checkpoints = false,
        bool keepBest = false,
        bool activationCheckpointing = false,
        ModelConfig? generator = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (generator is not null)
        {
            var kept = Of(config, blockLength, 0, precision, checkpoints, keepBest, activationCheckpointing);
            var other = Of(generator, blockLength, targetShare, precision, checkpoints, keepBest, activationCheckpointing);
            // Weights, gradients and moments of what both look up are there once; checkpoints hold it in both models.
            var shared = ModelArchitecture.Of(config).FootprintOf(config, blockLength, precision).EmbeddingWeights * BytesPerParameter;
            return kept with
            {
                FixedBytes = kept.FixedBytes + other.FixedBytes - Workspaces - Bytes(Slack * shared),
                BytesPerExample = kept.BytesPerExample + other.BytesPerExample,
                LogitBytesPerExample = other.LogitBytesPerExample,
                MostLogitBytes = other.MostLogitBytes,
            };
        }

        var footprint = ModelArchitecture.Of(config).FootprintOf(config, blockLength, precision);
        var decoderLayers = (config as SequenceToSequenceConfig)?.DecoderLayerCount ?? 0;
        // The last term is the head's.
        var parameters = footprint.EmbeddingWeights
            + (config.DistinctLayers * footprint.LayerWeights) + (decoderLayers * (footprint.Decoder?.LayerWeights ?? 0))
            + ((long)config.HiddenSize * config.HiddenSize);
        var copies = (checkpoints ? 3 : 0) + (keepBest ? checkpoints ? 2 : 1 : 0);
        // The word embeddings have a second gradient for a moment: one from below, one from the tied head.
        var fixedBytes =
            ((double)parameters * (BytesPerParameter + (copies * Float))) + ((long)config.VocabularySize * config.EmbeddingWidth * Float);
        var embeddings = 3L * Float * config.HiddenSize;
        var logitSize = precision == ComputePrecision.BFloat16 ? 2 : Float;
        var targets = targetShare * 6.0 * Float * config.HiddenSize;
        // The decoder of a text-to-text model has a position for each target.
        var decoder = footprint.Decoder is { } ofDecoder ? targetShare * (Layers(ofDecoder, decoderLayers) + embeddings) : 0;
        // Of a layer that runs again there is as much again in the backward pass, which goes through one of two stacks at a time.
        var again = activationCheckpointing
            ? 2 * Math.Max(footprint.LayerBytes, targetShare * (footprint.Decoder?.LayerBytes ?? 0))
            : 0;
        var queries = footprint.QueriesTargets ? targetShare : 0;
        var perToken = ((1 + queries) * (Layers(footprint, config.LayerRuns) + again + embeddings)) + decoder + targets;
        return new MemoryEstimate(
            Workspaces + Bytes((Slack * fixedBytes) + footprint.SequenceBytes),
            Bytes((ActivationSlack * blockLength * perToken) + footprint.PaddedSequenceBytes))
        {
            Length = blockLength,
            LogitBytesPerExample = ActivationSlack * blockLength * targetShare * logitSize * config.VocabularySize,
            MostLogitBytes = ActivationSlack * logitSize * VocabularyHead.DefaultMostLogits,
        };

        double Layers(ModelFootprint ofLayer, int count) =>
            count * (activationCheckpointing ? ofLayer.LayerInputBytes : ofLayer.LayerBytes);
    }

    /// <summary>Tokens of an example, for messages; 0 where they are not known.</summary>
    internal int Length { get; init; }

    /// <summary>What the logits of an example's targets take besides.</summary>
    internal double LogitBytesPerExample { get; init; }

    /// <summary>What logits take at most: beyond it the head makes them a slice of targets at a time.</summary>
    internal double MostLogitBytes { get; init; } = double.PositiveInfinity;

    /// <summary>Memory of a step.</summary>
    /// <param name="microBatchSize">Examples that go through the model at once.</param>
    /// <returns>Bytes, beyond what the process holds before the model is made.</returns>
    public long BytesOf(int microBatchSize) => Bytes(FixedBytes + PassBytes(microBatchSize));

    /// <summary>
    /// The micro-batch that a processor is given where memory is not short: the batch, or half of it where activations would take more than
    /// 1.5 GB at once. Half costs no time; a quarter does.
    /// </summary>
    /// <param name="batchSize">Examples of a step.</param>
    /// <returns>Examples of a micro-batch.</returns>
    public int ComfortableMicroBatch(int batchSize) => PassBytes(batchSize) > MostActivations ? Half(batchSize) : batchSize;

    /// <summary>The largest micro-batch that fits: the batch, or its half, its quarter, ….</summary>
    /// <param name="batchSize">Examples of a step.</param>
    /// <param name="available">Bytes to be had.</param>
    /// <returns>Examples of a micro-batch.</returns>
    /// <exception cref="InsufficientMemoryException">Not even one example fits.</exception>
    public int LargestMicroBatch(int batchSize, long available)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var size = batchSize;
        while (size > 1 && BytesOf(size) > available)
            size = Half(size);
        return BytesOf(size) <= available ? size : throw new InsufficientMemoryException(string.Create(
            CultureInfo.InvariantCulture,
            $"Training needs about {Text(BytesOf(1))} for one example{(Length > 0 ? $" of {Length} tokens" : "")} at a time, of which "
                + $"{Text(FixedBytes)} whatever is trained on (weights, gradients, moments, masks), but {Text(available)} are available. "
                + $"Take a smaller model or shorter examples, free memory, or set "
                + $"{nameof(TrainingOptions)}.{nameof(TrainingOptions.MicroBatchSize)} to try all the same."));
    }

    private double PassBytes(int examples) =>
        ((double)examples * BytesPerExample) + Math.Min(examples * LogitBytesPerExample, MostLogitBytes);

    private static string Text(long bytes) =>
        bytes < 1_000_000_000 ? FormattableString.Invariant($"{bytes / 1e6:0} MB") : FormattableString.Invariant($"{bytes / 1e9:0.0} GB");

    private static int Half(int size) => (size / 2) + (size % 2);

    /// <summary>Bytes as a number; what is beyond all memory stays there instead of running over.</summary>
    private static long Bytes(double bytes) => bytes < long.MaxValue / 2 ? (long)bytes : long.MaxValue / 2;
}
