using static TorchSharp.torch;

namespace MlNetBert.Training.Distributed;

/// <summary>A run of one process: there is nobody to exchange anything with. Thread-safe.</summary>
[Experimental("MLNETBERT001")]
public sealed class SingleProcess : ICollective
{
    private SingleProcess()
    {
    }

    /// <summary>The only one.</summary>
    public static SingleProcess Instance { get; } = new();

    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public int LocalRank => 0;

    /// <inheritdoc/>
    public int LocalSize => 1;

    /// <inheritdoc/>
    public void AllReduce(Tensor tensor) => ArgumentNullException.ThrowIfNull(tensor);

    /// <inheritdoc/>
    public Task AllReduceAsync(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Broadcast(Tensor tensor, int root)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNotEqual(root, 0);
    }

    /// <inheritdoc/>
    public void AllGather(Tensor tensor, IReadOnlyList<Tensor> gathered)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(gathered);
        ArgumentOutOfRangeException.ThrowIfNotEqual(gathered.Count, 1);
        using var noGradient = no_grad();
        gathered[0].copy_(tensor);
    }

    /// <inheritdoc/>
    public void Barrier()
    {
    }

    /// <summary>Does nothing.</summary>
    public void Dispose()
    {
    }
}
