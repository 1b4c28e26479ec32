using MlNetBert.Models;

namespace MlNetBert.Inference;

/// <summary>
/// A call that runs: until it is disposed of the model's memory is not freed, whoever disposes of handles and transformers meanwhile.
/// </summary>
internal sealed class ModelCall : IDisposable
{
    private readonly SharedModel _shared;

    /// <exception cref="ObjectDisposedException">The memory is freed, or about to be.</exception>
    public ModelCall(SharedModel shared)
    {
        shared.AddLease();
        _shared = shared;
    }

    /// <summary>The network, not to be used after the call.</summary>
    public ModelWithHead Network => _shared.Network;

    public void Dispose() => _shared.EndLease();
}
