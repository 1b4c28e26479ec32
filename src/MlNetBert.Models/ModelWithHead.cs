using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>A model that is an encoder with a head on it.</summary>
[Experimental("MLNETBERT001")]
public abstract class ModelWithHead : LanguageModelModule
{
    [ComponentName(Name = "encoder")]
    private readonly Backbone _encoder;

    private protected ModelWithHead(string name, Backbone encoder)
        : base(name, encoder.Config) => _encoder = encoder;

    /// <summary>The encoder. The model owns it.</summary>
    public Backbone Backbone => _encoder;

    /// <inheritdoc/>
    public override ComputePrecision Precision
    {
        get => _encoder.Precision;
        set => _encoder.Precision = value;
    }

    /// <inheritdoc/>
    public override bool ActivationCheckpointing
    {
        get => _encoder.ActivationCheckpointing;
        set => _encoder.ActivationCheckpointing = value;
    }

    /// <inheritdoc/>
    public override bool TrainsWithKernels
    {
        get => _encoder.TrainsWithKernels;
        set => _encoder.TrainsWithKernels = value;
    }

    /// <inheritdoc/>
    public override void PrepareForInference()
    {
        base.PrepareForInference();
        _encoder.PrepareForInference();
    }

    internal override void ForgetPreparedWeights()
    {
        base.ForgetPreparedWeights();
        _encoder.ForgetPreparedWeights();
    }

    /// <inheritdoc/>
    public override void Backward(Tensor loss) => _encoder.Backward(loss);

    /// <inheritdoc/>
    public override void ForgetPasses() => _encoder.ForgetPasses();

    /// <inheritdoc/>
    public override void SeedDropout(long seed)
    {
        base.SeedDropout(~seed);
        _encoder.SeedDropout(seed);
    }
}
