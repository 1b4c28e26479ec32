using Microsoft.Win32.SafeHandles;

namespace MlNetBert.HuggingFace;

/// <summary>A directory that is being written and held as its writer's own; disposing of it lets go of it, and deletes nothing.</summary>
internal sealed class HeldDirectory : IDisposable
{
    private readonly SafeFileHandle? _held;

    private HeldDirectory(string path, SafeFileHandle? held)
    {
        Path = path;
        _held = held;
    }

    /// <summary>Where it is; once it has its name, where it was.</summary>
    public string Path { get; }

    /// <summary>Makes one.</summary>
    /// <param name="parent">The directory to make it in.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static HeldDirectory Create(string parent)
    {
        while (true)
        {
            string path = System.IO.Path.Combine(parent, Leftovers.NewName());
            Directory.CreateDirectory(path);
            if (OperatingSystem.IsWindows())
                return new HeldDirectory(path, held: null);
            var handle = FileSync.OpenFile(path, write: false);
            // Between the two, another writer may have taken it for a dead one's.
            if (Leftovers.Hold(handle) != LockOutcome.Held && Directory.Exists(path))
                return new HeldDirectory(path, handle);
            handle.Dispose();
        }
    }

    public void Dispose() => _held?.Dispose();
}
