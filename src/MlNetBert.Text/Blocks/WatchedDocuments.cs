using System.Runtime.ExceptionServices;

namespace MlNetBert.Text.Blocks;

/// <summary>Remembers what reading documents failed with, so that it is not taken for a failure of whoever writes meanwhile.</summary>
internal sealed class WatchedDocuments(IEnumerable<string> documents)
{
    private ExceptionDispatchInfo? _failure;

    /// <summary>Reads the documents, once.</summary>
    public IEnumerable<string> Read()
    {
        using IEnumerator<string> reading = documents.GetEnumerator();
        while (Next(reading))
            yield return reading.Current;
    }

    /// <summary>Throws what reading failed with, as it was thrown there.</summary>
    public void ThrowIfFailed() => _failure?.Throw();

    private bool Next(IEnumerator<string> reading)
    {
        try
        {
            return reading.MoveNext();
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            throw;
        }
    }
}
