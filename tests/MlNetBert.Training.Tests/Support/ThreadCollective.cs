using MlNetBert.Training.Distributed;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Support;

/// <summary>A rank among threads of this process.</summary>
internal sealed class ThreadCollective : ICollective
{
    private readonly Group _group;
    private Task _last = Task.CompletedTask;

    private ThreadCollective(Group group, int rank) => (_group, Rank) = (group, rank);

    public int Rank { get; }

    public int Size => _group.Values.Length;

    public int LocalRank => Rank;

    public int LocalSize => Size;

    /// <summary>All-reduces of this rank.</summary>
    public int AllReduces { get; private set; }

    /// <summary>A collective for each rank.</summary>
    public static ThreadCollective[] Create(int size)
    {
        var group = new Group(size);
        return [.. Enumerable.Range(0, size).Select(rank => new ThreadCollective(group, rank))];
    }

    /// <summary>Runs each rank on a thread of its own, and waits for all; the exceptions are those of the ranks.</summary>
    public static (T? Result, Exception? Exception)[] Run<T>(int size, Func<ThreadCollective, T> rank)
    {
        var outcomes = new (T?, Exception?)[size];
        var threads = Create(size).Select(collective => new Thread(() =>
        {
            try
            {
                outcomes[collective.Rank] = (rank(collective), null);
            }
            catch (Exception e)
            {
                outcomes[collective.Rank] = (default, e);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        Assert.True(threads.TrueForAll(thread => thread.Join(TimeSpan.FromMinutes(2))), "A rank hangs.");
        return outcomes;
    }

    public void AllReduce(Tensor tensor)
    {
        AllReduces++;
        Exchange(tensor, values =>
        {
            using var scope = NewDisposeScope();
            tensor.copy_(values.Aggregate((sum, value) => sum.add(value)));
        });
    }

    public Task AllReduceAsync(Tensor tensor)
    {
        _last = _last.ContinueWith(_ => AllReduce(tensor), TaskScheduler.Default);
        return _last;
    }

    public void Broadcast(Tensor tensor, int root) => Exchange(tensor, values => tensor.copy_(values[root]));

    public void AllGather(Tensor tensor, IReadOnlyList<Tensor> gathered) => Exchange(tensor, values =>
    {
        for (var rank = 0; rank < Size; rank++)
            gathered[rank].copy_(values[rank]);
    });

    public void Barrier() => _group.Wait();

    public void Dispose() => _group.Leave();

    private void Exchange(Tensor tensor, Action<Tensor[]> take)
    {
        using var noGradient = no_grad();
        using var own = tensor.clone().DetachFromDisposeScope();
        _group.Values[Rank] = own;
        _group.Wait();
        take(_group.Values);
        _group.Wait();
    }

    private sealed class Group(int size)
    {
        private readonly Barrier _barrier = new(size);
        private readonly CancellationTokenSource _left = new();

        public Tensor[] Values { get; } = new Tensor[size];

        public void Leave() => _left.Cancel();

        public void Wait()
        {
            try
            {
                _barrier.SignalAndWait(_left.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new CollectiveException("A rank has left.", e);
            }
        }
    }
}
