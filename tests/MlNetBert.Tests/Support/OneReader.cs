using System.Collections;

namespace MlNetBert.Tests.Support;

/// <summary>Rows that allow one open reader at a time, as a database's connection does, and count what was read.</summary>
internal sealed class OneReader<T>(IEnumerable<T> rows) : IEnumerable<T>
{
    private int _open;

    /// <summary>Readers that are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Rows that were given so far.</summary>
    public int Given { get; private set; }

    public IEnumerator<T> GetEnumerator()
    {
        if (Interlocked.Increment(ref _open) > 1)
            throw new InvalidOperationException("A second reader was opened before the first was closed.");
        return Read();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerator<T> Read()
    {
        try
        {
            foreach (var row in rows)
            {
                Given++;
                yield return row;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
