using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Training.Loop;
using TorchSharp;

namespace MlNetBert.Inference;

/// <summary>Where a run computes: device, number format and threads. A model enters it to be trained and leaves it to be used.</summary>
internal sealed class TrainingPlace : IDisposable
{
    private const int LeastEvaluationBatch = 32;

    private readonly TrainingOptions _options;
    private readonly torch.Device _device;
    private readonly ComputePrecision _precision;
    private readonly ThreadCount _threads;

    public TrainingPlace(TrainingOptions options)
    {
        _options = options;
        _device = TrainingDevice.Resolve(options.Device);
        _threads = ThreadCount.For(options, measures: !IsGpu);
        _precision = TrainingDevice.Resolve(options.Precision, _device); // measured with the run's threads
    }

    /// <summary>Whether it is a GPU.</summary>
    public bool IsGpu => _device.type == DeviceType.CUDA;

    /// <summary>Moves there what is trained: a model, or a module that holds models beside parameters of its own.</summary>
    public void Enter(torch.nn.Module root)
    {
        LanguageModelModule.Move(root, _device);
        foreach (var model in LanguageModelModule.OutermostIn(root))
        {
            model.Precision = _precision;
            model.ActivationCheckpointing = _options.ActivationCheckpointing;
        }
    }

    /// <summary>Moves a model back, ready to be shared.</summary>
    public static void Leave(LanguageModelModule network)
    {
        network.MoveTo(torch.CPU);
        network.Precision = ComputePrecision.Float32;
        network.ActivationCheckpointing = false;
    }

    /// <summary>Settles the micro-batch: by what a processor can use, and by the memory that is available.</summary>
    /// <param name="defaults">The other defaults.</param>
    /// <param name="config">The model.</param>
    /// <param name="examples">Examples of an epoch: a step has no more.</param>
    /// <param name="length">Tokens of an example.</param>
    /// <param name="targetShare">Share of the tokens that the vocabulary's head predicts.</param>
    /// <param name="generator">A model that is trained with the first and has that head; null for none.</param>
    /// <exception cref="InsufficientMemoryException">Not even one example fits, or what a step reads does not.</exception>
    /// <exception cref="InvalidOptionsException">A micro-batch has more tokens than can be counted.</exception>
    public TrainingDefaults Fit(
        TrainingDefaults defaults, ModelConfig config, long examples, int length, double targetShare, ModelConfig? generator = null)
    {
        defaults = defaults with { ThreadsNote = _threads.Note };
        var most = int.MaxValue / length;
        new OptionsValidator()
            .Require(
                _options.MicroBatchSize is null || _options.MicroBatchSize <= most,
                nameof(TrainingOptions.MicroBatchSize),
                _options.MicroBatchSize,
                FormattableString.Invariant($"must be at most {most} with examples of {length} tokens"))
            .ThrowIfAny(nameof(TrainingOptions));
        var batch = (int)Math.Min(_options.BatchSize ?? defaults.BatchSize, examples);
        var available = AvailableMemory.Bytes();
        // Of a step and the one that is read ahead: ids, and targets with their places.
        var read = 2.0 * batch * length * sizeof(int) * (1 + (2 * targetShare));
        if (read > available)
        {
            throw new InsufficientMemoryException(string.Create(
                CultureInfo.InvariantCulture,
                $"A step of {batch} examples of {length} tokens takes {read / 1e9:0.0} GB before anything is computed, but "
                    + $"{available / 1e9:0.0} GB are available. Take a smaller "
                    + $"{nameof(TrainingOptions)}.{nameof(TrainingOptions.BatchSize)}."));
        }

        // A GPU tells by itself when its memory runs out, and the loop then halves the micro-batches; a processor's run would be killed.
        if (_options.MicroBatchSize is not null || IsGpu)
            return defaults with { MicroBatchSize = Math.Min(_options.MicroBatchSize ?? batch, most) };
        var need = MemoryEstimate.Of(config, length, targetShare, _precision, _options.CheckpointDirectory is not null,
            _options.RestoreBestWeights,
            _options.ActivationCheckpointing,
            generator);
        var comfortable = need.ComfortableMicroBatch(batch);
        var fitting = Math.Min(most, available is null ? comfortable : need.LargestMicroBatch(comfortable, available.Value));
        return defaults with { MicroBatchSize = fitting, IsMemoryShort = fitting < comfortable };
    }

    /// <summary>
    /// Refuses a run whose step of one example no memory holds, before its data is made; with the smaller of the number formats where that
    /// is not settled.
    /// </summary>
    /// <param name="options">How to train.</param>
    /// <param name="config">The model.</param>
    /// <param name="length">Tokens of an example.</param>
    /// <param name="targetShare">Share of the tokens that the vocabulary's head predicts.</param>
    /// <param name="generator">A model that is trained with the first and has that head; null for none.</param>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example.</exception>
    public static void RequireMemory(
        TrainingOptions options, ModelConfig config, int length, double targetShare, ModelConfig? generator = null)
    {
        if (options.MicroBatchSize is not null || TrainingDevice.Resolve(options.Device).type == DeviceType.CUDA
            || AvailableMemory.Bytes() is not { } available)
            return;
        var precision = options.Precision == Precision.Float32 ? ComputePrecision.Float32 : ComputePrecision.BFloat16;
        MemoryEstimate.Of(config, length, targetShare, precision, options.CheckpointDirectory is not null, options.RestoreBestWeights,
            options.ActivationCheckpointing, generator).LargestMicroBatch(1, available);
    }

    /// <summary>
    /// Examples that are evaluated at once: no more than are trained on at once where memory is short, else a few dozen at least. Nothing
    /// is kept of them.
    /// </summary>
    /// <param name="defaults">The settled defaults.</param>
    public int EvaluationBatch(TrainingDefaults defaults)
    {
        var (batch, atOnce) = (_options.BatchSize ?? defaults.BatchSize, defaults.MicroBatchSize ?? defaults.BatchSize);
        return Math.Min(batch, defaults.IsMemoryShort ? atOnce : Math.Max(atOnce, LeastEvaluationBatch));
    }

    public void Dispose() => _threads.Dispose();
}
