using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>Counts the words of a stream of texts on several threads. Holds a few batches of texts at a time, never all.</summary>
/// <param name="tokens">Finds the words, and the special tokens between them.</param>
/// <param name="threads">How many threads count; null for all processors.</param>
internal sealed class WordCounter(AddedTokens tokens, int? threads)
{
    private const int BatchCharacters = 1 << 18;

    public WordTally Count(IEnumerable<string> texts, Action<long> report, CancellationToken cancellationToken)
    {
        var partial = new ConcurrentBag<WordTally>();
        long count = 0;
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Batches(texts, text => report(count += text)), EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions
                {
                    MaxDegreeOfParallelism = threads ?? Environment.ProcessorCount,
                    CancellationToken = cancellationToken,
                },
                () => new WordTally(),
                (batch, _, tally) =>
                {
                    foreach (string text in batch)
                        CountWords(text, tally);
                    return tally;
                },
                partial.Add);
        }
        catch (AggregateException exception)
        {
            // What went wrong in reading or in a thread is told as it was.
            ExceptionDispatchInfo.Throw(exception.Flatten().InnerExceptions[0]);
        }

        WordTally sum = Sum(partial);
        sum.Texts = count;
        return sum;
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

    private static WordTally Sum(IEnumerable<WordTally> parts)
    {
        WordTally? sum = null;
        foreach (WordTally part in parts.OrderByDescending(part => part.Words.Count))
        {
            if (sum is null)
            {
                sum = part;
                continue;
            }

            sum.TooLong += part.TooLong;
            foreach ((string word, long count) in part.Words)
                sum.Add(word, count);
        }

        return sum ?? new();
    }

    private void CountWords(string text, WordTally tally)
    {
        var sink = new WordCountSink(tally);
        tokens.Scan(text, ref sink);
    }
}
