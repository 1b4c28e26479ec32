using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>Counts the words of a stream of texts on several threads. Holds a few batches of texts at a time, never all.</summary>
internal sealed class WordCounter
{
    private const int BatchCharacters = 1 << 18;
    private readonly WordPieceTokenizerOptions _options;
    private readonly AddedTokens _tokens;
    private readonly int _threads;

    public WordCounter(WordPieceTrainerOptions options)
    {
        // Where the texts decide about accents, they are counted with them.
        _options = options.Tokenizer with { ComposeAccents = options.Tokenizer.ComposeAccents ?? true };
        AddedToken Token(string content) =>
            options.Tokenizer.AddedTokens.LastOrDefault(token => string.Equals(token.Content, content, StringComparison.Ordinal))
                ?? new AddedToken(content);
        _tokens = new AddedTokens(
            [.. options.SpecialTokens().Select((token, id) => (id, Token(token)))],
            (_options with { StripAccents = _options.StripAccents ?? false }).ToScanner(),
            nameof(WordPieceTrainerOptions.Tokenizer));
        _threads = options.Threads ?? Environment.ProcessorCount;
    }

    public WordCounts Count(IEnumerable<string> texts, Action<long> report, CancellationToken cancellationToken)
    {
        var partial = new ConcurrentBag<WordTally>();
        long count = 0;
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Batches(texts, text => report(count += text)), EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellationToken },
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
        if (!_options.LowerCase || _options.StripAccents is not null)
            return new WordCounts(sum, count, _options, accents: null);
        AccentedWords accents = AccentedWords.In(sum.Words);
        WordPieceTokenizerOptions decided = _options with { StripAccents = accents.Matter ? false : null };
        return new WordCounts(accents.Matter ? sum : Strip(sum), count, decided, accents);
    }

    /// <summary>The words without their accents.</summary>
    private WordTally Strip(WordTally tally)
    {
        WordScanner scanner = (_options with { StripAccents = true }).ToScanner();
        var stripped = new WordTally { TooLong = tally.TooLong };
        foreach ((string word, long count) in tally.Words)
        {
            var sink = new WordCountSink(stripped, count);
            scanner.Scan(word, 0, ref sink);
        }

        return stripped;
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
                sum.Words[word] = sum.Words.GetValueOrDefault(word) + count;
        }

        return sum ?? new();
    }

    private void CountWords(string text, WordTally tally)
    {
        var sink = new WordCountSink(tally);
        _tokens.Scan(text, ref sink);
    }
}
