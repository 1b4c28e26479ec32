using static TorchSharp.torch;

namespace MlNetBert.Training.Distributed;

/// <summary>
/// The processes of a run and what they exchange. Every rank calls the same operations in the same order with tensors of the same shape
/// and type; an operation returns once this rank's tensors hold its result. For one thread of each rank at a time.
/// </summary>
/// <remarks>Whoever owns it disposes of it. A rank that leaves so while others wait makes their operations fail with a
/// <see cref="CollectiveException"/>, as all later ones.</remarks>
[Experimental("MLNETBERT001")]
public interface ICollective : IDisposable
{
    /// <summary>The number of this process, from 0.</summary>
    int Rank { get; }

    /// <summary>How many processes there are.</summary>
    int Size { get; }

    /// <summary>The number of this process among those of its machine, from 0.</summary>
    int LocalRank { get; }

    /// <summary>How many processes run on its machine.</summary>
    int LocalSize { get; }

    /// <summary>Puts the sum over all ranks into the tensor: the same bits on each.</summary>
    /// <param name="tensor">This rank's summand.</param>
    /// <exception cref="CollectiveException">Another rank has failed or left.</exception>
    void AllReduce(Tensor tensor);

    /// <summary>Begins an <see cref="AllReduce"/>; the tensor must be left alone until it is done. Several are done in the order in which
    /// they were begun.</summary>
    /// <param name="tensor">This rank's summand.</param>
    /// <returns>Ends when the tensor holds the sum; fails with a <see cref="CollectiveException"/>.</returns>
    Task AllReduceAsync(Tensor tensor);

    /// <summary>Puts one rank's values into the tensor of every other.</summary>
    /// <param name="tensor">What is sent, or receives.</param>
    /// <param name="root">Who sends.</param>
    /// <exception cref="CollectiveException">Another rank has failed or left.</exception>
    void Broadcast(Tensor tensor, int root);

    /// <summary>Puts the tensor of each rank into a tensor of every rank.</summary>
    /// <param name="tensor">This rank's values.</param>
    /// <param name="gathered">Receives the values of each rank, [ranks], shaped as <paramref name="tensor"/>.</param>
    /// <exception cref="CollectiveException">Another rank has failed or left.</exception>
    void AllGather(Tensor tensor, IReadOnlyList<Tensor> gathered);

    /// <summary>Waits until every rank is here.</summary>
    /// <exception cref="CollectiveException">Another rank has failed or left.</exception>
    void Barrier();
}
