using MlNetBert.HuggingFace;
using MlNetBert.Training.Loop;

namespace MlNetBert;

/// <summary>
/// Where and how a transformer computes. <see cref="Precision"/> is saved with a transformer; <see cref="Device"/> and
/// <see cref="BatchSize"/> belong to the machine and are not: a loaded transformer has their defaults until
/// <see cref="InferenceExtensions.PrepareForInference"/> sets others.
/// </summary>
public abstract record PredictionOptions
{
    private protected PredictionOptions()
    {
    }

    /// <summary>
    /// Where to compute: "auto", "cpu", "cuda" or "cuda:N". "auto" is the GPU that <c>MLContext.GpuDeviceId</c> names, the processor or an
    /// exception if there is no such GPU, as <c>MLContext.FallbackToCpu</c> decides; where the context names none, the first GPU that
    /// libtorch sees, else the processor. A GPU gets a copy of the weights, which transformers of the same model share.
    /// </summary>
    /// <value>Default "auto".</value>
    public string Device { get; init; } = "auto";

    /// <summary>The precision of matrix multiplications.</summary>
    /// <value>Default <see cref="Precision.Float32"/>: the same results everywhere. <see cref="Precision.Auto"/> takes bfloat16 on a GPU
    /// and where the processor multiplies it faster: several times as fast, with two to three digits.</value>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>The most texts that are computed at once; of a long context, each window is a text.</summary>
    /// <value>Default null: up to 64, and up to 4,096 tokens. 1 to 512: <c>Transform</c> reads 512 rows ahead.</value>
    public int? BatchSize { get; init; }

    /// <summary>The options alone, without what a task adds.</summary>
    internal InferenceOptions Inference => new() { Device = Device, Precision = Precision, BatchSize = BatchSize };

    /// <summary>Collects what is wrong.</summary>
    internal void Validate(OptionsValidator faults)
    {
        faults.Require(TrainingDevice.IsName(Device), nameof(Device), Device, "must be auto, cpu, cuda or cuda:N");
        faults.RequireDefined(nameof(Precision), Precision);
        faults.Require(BatchSize is null or (>= 1 and <= 512), nameof(BatchSize), BatchSize, "must be 1 to 512");
    }
}
