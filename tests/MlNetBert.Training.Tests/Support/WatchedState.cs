using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Training.Tests.Support;

/// <summary>Hands the snapshots of a model on and calls back when one is written, with the directory and its number from 1.</summary>
internal sealed class WatchedState(IModelState inner, Action<string, int> afterWriting) : IModelState
{
    private int _written;

    public IModelSnapshot Snapshot() => new Watched(inner.Snapshot(), directory => afterWriting(directory, ++_written));

    public void Load(string directory) => inner.Load(directory);

    private sealed class Watched(IModelSnapshot inner, Action<string> afterWriting) : IModelSnapshot
    {
        public void WriteTo(string directory)
        {
            inner.WriteTo(directory);
            afterWriting(directory);
        }

        public void Dispose() => inner.Dispose();
    }
}
