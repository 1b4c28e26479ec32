using System.Runtime.InteropServices;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// Tokenizes documents on several threads and gives them back in their order. Holds a few batches, which are used again and again.
/// </summary>
internal sealed class ParallelTokenization(SubwordTokenizer tokenizer, int threads)
{
    private const int BatchCharacters = 1 << 17;

    /// <summary>Tokenizes; a batch is only valid until the next one is asked for.</summary>
    public IEnumerable<TokenizedBatch> Run(IEnumerable<string> documents, CancellationToken cancellationToken)
    {
        var free = new Stack<TokenizedBatch>();
        var running = new Queue<Task<TokenizedBatch>>();
        TaskScheduler scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler;
        try
        {
            foreach (TokenizedBatch batch in Batches(documents, free))
            {
                cancellationToken.ThrowIfCancellationRequested();
                running.Enqueue(Task.Factory.StartNew(
                    () => Tokenize(batch), CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler));
                if (running.Count <= threads)
                    continue; // a batch more than threads, so that none is idle while the consumer works
                TokenizedBatch done = running.Dequeue().GetAwaiter().GetResult();
                yield return done;
                free.Push(done);
            }

            while (running.TryDequeue(out Task<TokenizedBatch>? task))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return task.GetAwaiter().GetResult();
            }
        }
        finally
        {
            // After a fault nobody may be left working, nor a second fault go unobserved.
            foreach (Task<TokenizedBatch> task in running)
                ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
        }
    }

    private static IEnumerable<TokenizedBatch> Batches(IEnumerable<string> documents, Stack<TokenizedBatch> free)
    {
        TokenizedBatch? batch = null;
        int characters = 0;
        foreach (string document in documents)
        {
            batch ??= free.TryPop(out TokenizedBatch? used) ? used : new TokenizedBatch();
            if (characters == 0)
                batch.Clear();
            batch.Documents.Add(document);
            characters += document.Length + 16;
            if (characters < BatchCharacters)
                continue;
            yield return batch;
            batch = null;
            characters = 0;
        }

        if (batch is not null)
            yield return batch;
    }

    private TokenizedBatch Tokenize(TokenizedBatch batch)
    {
        foreach (string document in batch.Documents)
        {
            tokenizer.EncodeToIds(document, batch.Ids);
            batch.Ends.Add(batch.Ids.Count);
            if (!string.IsNullOrWhiteSpace(document))
                batch.Hashes.Add(TextHash.Of(document));
        }

        if (tokenizer.SpecialTokens.UnknownTokenId is { } unknown)
            batch.Unknown = CollectionsMarshal.AsSpan(batch.Ids).Count(unknown);
        batch.Documents.Clear();
        return batch;
    }
}
