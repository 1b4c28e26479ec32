using System.Globalization;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace MlNetBert.Training.Distributed;

/// <summary>What a run and its evaluations do with a collective: small tables of numbers, bytes, and work that one rank does.</summary>
internal sealed class Ranks(ICollective collective)
{
    public bool IsAlone => collective.Size == 1;

    public bool IsFirst => collective.Rank == 0;

    public int Rank => collective.Rank;

    public int Size => collective.Size;

    /// <summary>Gives each rank the numbers of every rank, in one small all-reduce.</summary>
    /// <param name="own">This rank's numbers, as many as any other's.</param>
    /// <returns>A row for each rank.</returns>
    public double[][] Exchange(params double[] own)
    {
        if (IsAlone)
            return [own];
        var table = new double[Size * own.Length];
        own.CopyTo(table, Rank * own.Length);
        using var noGradient = no_grad();
        using var shared = tensor(table); // [ranks · numbers], float64
        collective.AllReduce(shared);
        return [.. shared.data<double>().ToArray().Chunk(own.Length)];
    }

    /// <summary>Gives each rank the bytes of every rank.</summary>
    public IReadOnlyList<byte[]> Gather(byte[] own)
    {
        if (IsAlone)
            return [own];
        var lengths = Exchange(own.Length).Select(row => (int)row[0]).ToList();
        var longest = Math.Max(1, lengths.Max());
        var padded = new byte[longest];
        own.CopyTo(padded, 0);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var gathered = lengths.Select(_ => zeros(longest, ScalarType.Byte)).ToList();
        collective.AllGather(tensor(padded, ScalarType.Byte), gathered);
        return [.. gathered.Zip(lengths, (bytes, length) => bytes.data<byte>().ToArray()[..length])];
    }

    /// <summary>Puts the first rank's values into the tensors of every rank.</summary>
    public void Spread(IEnumerable<Tensor> tensors)
    {
        if (IsAlone)
            return;
        using var noGradient = no_grad();
        foreach (var tensor in tensors)
            collective.Broadcast(tensor, root: 0);
    }

    /// <summary>Sums gradients over all ranks; a parameter without one has one of zero.</summary>
    public void Sum(IEnumerable<TorchSharp.Modules.Parameter> parameters)
    {
        if (IsAlone)
            return;
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var parameter in parameters.Where(p => p.requires_grad))
        {
            if (parameter.grad is null)
                parameter.grad = zeros_like(parameter);
            collective.AllReduce(parameter.grad!);
        }
    }

    /// <summary>The first rank works while the others wait; where it fails, all do.</summary>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    /// <exception cref="CollectiveException">It failed; on the other ranks.</exception>
    public void First(Action work) => First(() =>
    {
        work();
        return 0;
    });

    /// <inheritdoc cref="First(Action)"/>
    /// <returns>Its figure, on every rank.</returns>
    public double First(Func<double> work)
    {
        if (IsAlone)
            return work();
        var (result, failure) = (0.0, (Exception?)null);
        if (IsFirst)
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }

        var rows = Exchange(FailureCode(failure), result);
        ThrowIfAnyFailed([.. rows.Select(row => row[0])], failure);
        return rows[0][1];
    }

    /// <summary>How a failure is told to the other ranks; 0 for none.</summary>
    public static double FailureCode(Exception? failure) => failure switch { null => 0, OperationCanceledException => 1, _ => 2 };

    /// <summary>Fails where a rank has failed: with its own exception where it is this one.</summary>
    /// <param name="codes">What each rank told.</param>
    /// <param name="own">What happened here; null for nothing.</param>
    public static void ThrowIfAnyFailed(IReadOnlyList<double> codes, Exception? own)
    {
        if (own is not null)
            ExceptionDispatchInfo.Throw(own);
        if (codes.Contains(2))
            throw new CollectiveException(string.Create(
                CultureInfo.InvariantCulture,
                $"Rank {codes.ToList().IndexOf(2)} of {codes.Count} failed, so that no rank can go on. Its own message says why."));
        if (codes.Contains(1))
            throw new OperationCanceledException("Another rank was canceled.");
    }
}
