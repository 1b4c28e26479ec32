using System.Diagnostics;
using MlNetBert.Models;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.Kernels;
using MlNetBert.Pretraining;
using MlNetBert.Training.Loop;
using TorchSharp;

namespace MlNetBert.Benchmarking;

/// <summary>
/// Times whole pretraining steps (data, corruption, forward, backward, clipping, optimizer) through the same loop as a real run, beside the
/// machine's matrix products in the same process: times differ between machines and moments, their ratio much less.
/// </summary>
internal static class TrainingBenchmark
{
    /// <summary>Measures.</summary>
    /// <param name="options">What to measure.</param>
    /// <param name="cancellationToken">Stops between steps and products.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static TrainingBenchmarkResult Run(TrainingBenchmarkOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var device = TrainingDevice.Resolve(options.Device);
        using var threads = new ThreadCount(options.Threads);
        var precision = TrainingDevice.Resolve(options.Precision, device);
        var own = precision == ComputePrecision.BFloat16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32;
        var before = ProductPeak.Measure(own, device, cancellationToken);
        var tokenizer = RandomBlocks.Tokenizer(options.VocabularySize);
        var steps = options.Steps + Math.Max(options.Steps, PretrainingRun.WarmUpSteps); // at most: a GPU's warm-up is as long
        var blocks = new RandomBlocks(tokenizer, options.BlockLength, (long)steps * options.BatchSize);
        var run = new PretrainingRun(tokenizer, blocks, evaluation: null, start: null, options.Task.CreateOptions() with
        {
            Architecture = options.Architecture,
            Size = options.Size,
            BatchSize = options.BatchSize,
            MicroBatchSize = options.MicroBatchSize,
            ActivationCheckpointing = options.ActivationCheckpointing,
            Precision = options.Precision,
            Device = options.Device,
            Threads = torch.get_num_threads(), // as many as the products beside the steps take
        });
        var cost = run.Estimate(options.Steps, cancellationToken);
        using var process = Process.GetCurrentProcess();
        var memory = process.PeakWorkingSet64;
        return new TrainingBenchmarkResult(
            precision,
            device.ToString(),
            torch.get_num_threads(),
            cost.ParameterCount,
            cost.StepTime,
            options.BatchSize * options.BlockLength / cost.StepTime.TotalSeconds,
            Peak(torch.ScalarType.Float32),
            Peak(torch.ScalarType.BFloat16),
            UsefulGflopOf(run, cost.ParameterCount, options),
            memory,
            GpuMemory.Read(device)?.UsedBytes);

        // The share is taken of the better of two measurements, before the steps and after them: a moment in which the machine was busy
        // does not flatter it.
        double Peak(torch.ScalarType type) => Math.Max(type == own ? before : 0, ProductPeak.Measure(type, device, cancellationToken));
    }

    /// <summary>What a step of a run has to compute, of all models that it trains.</summary>
    private static double UsefulGflopOf(PretrainingRun run, long parameters, TrainingBenchmarkOptions options)
    {
        var (tokens, fraction) = (options.BatchSize * options.BlockLength, options.Task.TargetFraction(options.Task.CreateOptions()));
        if (run.GeneratorConfiguration is not { } config)
            return UsefulGflop(run.Configuration, parameters, tokens, options.BlockLength, fraction);
        using var generator = ModelArchitecture.Of(config).Create(ModelHead.MaskedLanguageModel, config, seed: 0);
        return UsefulGflop(run.Configuration, parameters, tokens, options.BlockLength, targetFraction: 0)
            + UsefulGflop(config, generator.parameters().Sum(parameter => parameter.numel()), tokens, options.BlockLength, fraction);
    }

    /// <summary>
    /// What a step has to compute: 6 operations a token for each weight of the body (2 forward, 4 backward), the products of attention, and
    /// the vocabulary at the targets.
    /// </summary>
    /// <param name="config">The model.</param>
    /// <param name="parameters">Weights of the model.</param>
    /// <param name="tokens">Tokens of the step.</param>
    /// <param name="blockLength">Tokens of a block.</param>
    /// <param name="targetFraction">How many of the tokens the head predicts.</param>
    /// <returns>10⁹ floating-point operations.</returns>
    public static double UsefulGflop(
        ModelConfig config, long parameters, long tokens, int blockLength, double targetFraction)
    {
        ArgumentNullException.ThrowIfNull(config);
        var footprint = ModelArchitecture.Of(config).FootprintOf(config, blockLength, ComputePrecision.Float32);
        // A layer that is shared multiplies as often as it runs.
        var body = parameters - footprint.EmbeddingWeights + ((config.LayerRuns - config.DistinctLayers) * footprint.LayerWeights);
        var attention = 12.0 * config.LayerRuns * config.HiddenSize * blockLength;
        if (footprint.Decoder is { } ofDecoder && config is SequenceToSequenceConfig { DecoderLayerCount: var layers })
        {
            // The decoder has a position for each target, which attends to the targets and to the source.
            var weights = layers * ofDecoder.LayerWeights;
            body += (long)((targetFraction - 1) * weights);
            attention += 12.0 * layers * config.HiddenSize * blockLength * targetFraction * (targetFraction + 1);
        }

        var head = targetFraction * 6 * config.EmbeddingWidth * config.VocabularySize;
        var queries = footprint.QueriesTargets ? targetFraction : 0;
        return tokens * 1e-9 * (((1 + queries) * ((6.0 * body) + attention)) + head);
    }
}
