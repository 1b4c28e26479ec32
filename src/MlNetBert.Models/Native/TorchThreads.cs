using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MlNetBert.Models.Native;

/// <summary>
/// Work on the threads that libtorch's operations run on. After an operation they go on looking for work for a while, so that threads of
/// .NET's would share the cores with them; where libtorch was built with GNU's OpenMP its threads are asked for here, otherwise .NET's do
/// it.
/// </summary>
internal static class TorchThreads
{
    private static readonly Lazy<nint> GnuParallel = new(() => TorchRuntime.TryGetExport("GOMP_parallel", out var address) ? address : 0);

    /// <summary>How many there are.</summary>
    public static int Count => Math.Max(1, get_num_threads());

    /// <summary>Runs the parts of a piece of work, each once, and waits for all of them.</summary>
    /// <param name="parts">How many there are.</param>
    /// <param name="body">What a part does, given its number.</param>
    /// <exception cref="AggregateException">Parts have thrown.</exception>
    public static unsafe void Run(int parts, Action<int> body)
    {
        if (parts == 1)
        {
            body(0);
            GC.KeepAlive(body); // and with it the tensors whose memory it works on
            return;
        }

        if (GnuParallel.Value == 0)
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = Count }, body);
            return;
        }

        var work = new Work(parts, body);
        var handle = GCHandle.Alloc(work);
        try
        {
            // A smaller team would end the others.
            var parallel = (delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void>)GnuParallel.Value;
            parallel(&Enter, GCHandle.ToIntPtr(handle), (uint)Count, 0);
        }
        finally
        {
            handle.Free();
        }

        if (work.Failure is { } failure)
            throw new AggregateException(failure);
    }

    [UnmanagedCallersOnly]
    private static void Enter(nint work) => ((Work)GCHandle.FromIntPtr(work).Target!).TakeParts();

    // Which thread does which part is chance; what a part is, is not.
    private sealed class Work(int parts, Action<int> body)
    {
        private int _taken;

        public Exception? Failure { get; private set; }

        public void TakeParts()
        {
            try
            {
                for (var part = Interlocked.Increment(ref _taken) - 1; part < parts; part = Interlocked.Increment(ref _taken) - 1)
                    body(part);
            }
#pragma warning disable CA1031 // No exception may leave a function that native code has called.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Failure = e;
            }
        }
    }
}
