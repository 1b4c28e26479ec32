using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>Scores of where a span starts and ends.</summary>
/// <param name="Start">[batch, sequence], float32.</param>
/// <param name="End">[batch, sequence], float32.</param>
[Experimental("MLNETBERT001")]
public sealed record SpanLogits(Tensor Start, Tensor End) : IDisposable
{
    /// <summary>Disposes of both tensors.</summary>
    public void Dispose()
    {
        Start.Dispose();
        End.Dispose();
    }
}
