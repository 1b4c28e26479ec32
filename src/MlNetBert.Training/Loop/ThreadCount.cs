using TorchSharp;

namespace MlNetBert.Training.Loop;

/// <summary>Sets the threads of the tensor library for a run, and puts back what was.</summary>
public sealed class ThreadCount : IDisposable
{
    private readonly int _before = torch.get_num_threads();

    /// <summary>Sets the threads.</summary>
    /// <param name="threads">How many; null leaves them.</param>
    public ThreadCount(int? threads)
    {
        if (threads is { } count)
            torch.set_num_threads(count);
    }

    /// <summary>Puts back what was before.</summary>
    public void Dispose() => torch.set_num_threads(_before);
}
