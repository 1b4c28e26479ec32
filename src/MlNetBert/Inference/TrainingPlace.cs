using MlNetBert.Models;
using MlNetBert.Training;
using MlNetBert.Training.Loop;
using TorchSharp;

namespace MlNetBert.Inference;

/// <summary>Where a run computes: device, number format and threads. A model enters it to be trained and leaves it to be used.</summary>
internal sealed class TrainingPlace : IDisposable
{
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

    /// <summary>Moves a model there.</summary>
    public void Enter(PretrainedModule network)
    {
        network.MoveTo(_device);
        network.Precision = _precision;
        network.ActivationCheckpointing = _options.ActivationCheckpointing;
    }

    /// <summary>Moves a model back, ready to be shared.</summary>
    public static void Leave(PretrainedModule network)
    {
        network.MoveTo(torch.CPU);
        network.Precision = ComputePrecision.Float32;
        network.ActivationCheckpointing = false;
    }

    /// <summary>Settles the micro-batch: by what a processor can use, and by the memory that is available.</summary>
    /// <param name="defaults">The other defaults.</param>
    /// <param name="config">The model.</param>
    /// <param name="length">Tokens of an example.</param>
    /// <param name="targetShare">Share of the tokens that the vocabulary's head predicts.</param>
    /// <exception cref="InsufficientMemoryException">Not even one example fits.</exception>
    public TrainingDefaults Fit(TrainingDefaults defaults, ModelConfig config, int length, double targetShare)
    {
        defaults = defaults with { ThreadsNote = _threads.Note };
        // A GPU tells by itself when its memory runs out, and the loop then halves the micro-batches; a processor's run would be killed.
        if (_options.MicroBatchSize is not null || IsGpu)
            return defaults;
        var need = MemoryEstimate.Of(config, length, targetShare, _precision, _options.CheckpointDirectory is not null, _options.KeepBest, _options.ActivationCheckpointing);
        var comfortable = need.ComfortableMicroBatch(_options.BatchSize ?? defaults.BatchSize);
        var fitting = AvailableMemory.Bytes() is { } available ? need.LargestMicroBatch(comfortable, available) : comfortable;
        return defaults with { MicroBatchSize = fitting, IsMemoryShort = fitting < comfortable };
    }

    public void Dispose() => _threads.Dispose();
}
