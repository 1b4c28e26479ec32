using System.Collections;
using System.Collections.Concurrent;

namespace MlNetBert.Tests.Support;

/// <summary>Sources of rows that do not forgive what a list does.</summary>
internal static class StrictRows
{
    /// <summary>A queue that is drained: each row is given once, to whoever asks first.</summary>
    public static IEnumerable<T> Once<T>(IEnumerable<T> rows)
    {
        var queue = new ConcurrentQueue<T>(rows);
        return Drain(queue);
    }

    /// <summary>Rows in another order at each reading.</summary>
    public static IEnumerable<T> Shuffled<T>(IReadOnlyList<T> rows) => new Shuffling<T>(rows);

    /// <summary>Rows that fail at one of them.</summary>
    public static IEnumerable<T> Failing<T>(IEnumerable<T> rows, int at) =>
        rows.Select((row, number) => number == at ? throw new IOException("the source is gone") : row);

    private static IEnumerable<T> Drain<T>(ConcurrentQueue<T> queue)
    {
        while (queue.TryDequeue(out var row))
            yield return row;
    }

    private sealed class Shuffling<T>(IReadOnlyList<T> rows) : IEnumerable<T>
    {
        private int _readings;

        public IEnumerator<T> GetEnumerator()
        {
            var copy = rows.ToArray();
            new Random(++_readings).Shuffle(copy);
            return ((IEnumerable<T>)copy).GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
