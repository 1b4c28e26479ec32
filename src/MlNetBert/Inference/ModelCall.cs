using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>
/// A call that runs: until it is disposed of the model's memory is not freed, whoever disposes of handles and transformers meanwhile.
/// </summary>
internal sealed class ModelCall : IDisposable
{
    private readonly SharedModel _shared;

    /// <summary>Begins a call.</summary>
    /// <param name="shared">The model.</param>
    /// <param name="device">Where to compute; null for where the weights are.</param>
    /// <exception cref="ObjectDisposedException">The memory is freed, or about to be.</exception>
    public ModelCall(SharedModel shared, Device? device = null)
    {
        shared.AddLease();
        _shared = shared;
        try
        {
            Network = device is null ? shared.Network : shared.NetworkOn(device);
            Device = Network.parameters().First().device;
        }
        catch
        {
            shared.EndLease();
            throw;
        }
    }

    /// <summary>The network, not to be used after the call.</summary>
    public LanguageModelModule Network { get; }

    /// <summary>Where it is: another device than was asked for where a model is used while it learns.</summary>
    public Device Device { get; }

    public void Dispose() => _shared.EndLease();
}
