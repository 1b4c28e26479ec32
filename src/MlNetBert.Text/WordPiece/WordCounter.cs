using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalization;

namespace MlNetBert.Text.WordPiece;

/// <summary>Counts the words of a stream of texts on several threads. Holds a few batches of texts at a time, never all.</summary>
internal sealed class WordCounter
{
    private const int BatchCharacters = 1 << 18;
    private readonly WordScanner _scanner;
    private readonly AddedTokenMatcher _specialTokens;
    private readonly int _threads;

    public WordCounter(WordPieceTrainerOptions options)
    {
        _scanner = new WordScanner(options.Tokenizer);
        _specialTokens = new AddedTokenMatcher(options.SpecialTokens().Select((token, id) => (id, new AddedToken(token))));
        _threads = options.Threads ?? Environment.ProcessorCount;
    }

    public WordCounts Count(IEnumerable<string> texts, Action<long> report, CancellationToken cancellationToken)
    {
        var partial = new ConcurrentBag<Dictionary<string, long>>();
        long count = 0;
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Batches(texts, text => report(count += text)), EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellationToken },
                () => new Dictionary<string, long>(StringComparer.Ordinal),
                (batch, _, counts) =>
                {
                    foreach (string text in batch)
                        CountWords(text, counts);
                    return counts;
                },
                partial.Add);
        }
        catch (AggregateException exception)
        {
            // What went wrong in reading or in a thread is told as it was.
            ExceptionDispatchInfo.Throw(exception.Flatten().InnerExceptions[0]);
        }

        return new WordCounts(Sum(partial), count);
    }

    private static IEnumerable<List<string>> Batches(IEnumerable<string> texts, Action<int> report)
    {
        var batch = new List<string>();
        int characters = 0;
        foreach (string text in texts)
        {
            batch.Add(text ?? throw new ArgumentException("A text is null. Leave it out, or give an empty one.", nameof(texts)));
            characters += text.Length + 16;
            if (characters < BatchCharacters)
                continue;
            report(batch.Count);
            yield return batch;
            batch = [];
            characters = 0;
        }

        report(batch.Count);
        if (batch.Count > 0)
            yield return batch;
    }

    private static Dictionary<string, long> Sum(IEnumerable<Dictionary<string, long>> parts)
    {
        Dictionary<string, long>? sum = null;
        foreach (Dictionary<string, long> part in parts.OrderByDescending(part => part.Count))
        {
            if (sum is null)
            {
                sum = part;
                continue;
            }

            foreach ((string word, long count) in part)
                sum[word] = sum.GetValueOrDefault(word) + count;
        }

        return sum ?? new(StringComparer.Ordinal);
    }

    private void CountWords(string text, Dictionary<string, long> counts)
    {
        var sink = new WordCountSink(counts);
        int position = 0;
        while (_specialTokens.TryFind(text, position, out int start, out int end, out _))
        {
            _scanner.Scan(text.AsSpan(position, start - position), position, ref sink);
            position = end;
        }

        _scanner.Scan(text.AsSpan(position), position, ref sink);
    }
}
