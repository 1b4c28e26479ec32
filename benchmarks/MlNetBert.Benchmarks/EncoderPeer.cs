using System.Diagnostics;
using MlNetBert.Text.Tokenizers;
using static TorchSharp.torch;

namespace MlNetBert.Benchmarks;

/// <summary>Hugging Face's graph of an encoder, with or without a masked-LM head, fed as Python users feed it: batches of 32 in the order of arrival, padded to the longest, with our tokenizer in front.</summary>
internal sealed class EncoderPeer : IDisposable
{
    private const int Batch = 32;

    private readonly jit.ScriptModule<Tensor, Tensor, Tensor> _graph;
    private readonly WordPieceTokenizer _tokenizer;

    public EncoderPeer(string packed, WordPieceTokenizer tokenizer)
    {
        _graph = jit.load<Tensor, Tensor, Tensor>(Peer.Unpack(packed));
        Peer.Initialize(_graph);
        _tokenizer = tokenizer;
    }

    /// <summary>Times ours and the graph on the same texts in turn, a round first that does not count, and prints a row: texts a second here and there, and the ratio.</summary>
    public void Compare(string what, IReadOnlyList<string> texts, int maxLength, Action ours, int rounds, int repetitions = 1)
    {
        var (here, there) = (new List<double>(), new List<double>());
        for (var round = -1; round < rounds; round++)
        {
            var own = Time(ours, repetitions);
            var other = Time(() => Run(texts, maxLength), repetitions);
            if (round < 0)
                continue;
            here.Add(repetitions * texts.Count / own);
            there.Add(repetitions * texts.Count / other);
        }

        Report.Row(what, Report.Spread(here, "0.0"), Report.Spread(there, "0.0"), Report.Number(Report.Median(here) / Report.Median(there)) + " ×");
    }

    public void Dispose() => _graph.Dispose();

    private void Run(IReadOnlyList<string> texts, int maxLength)
    {
        using var guard = no_grad();
        foreach (var batch in texts.Chunk(Batch))
        {
            using var scope = NewDisposeScope();
            var sequences = Array.ConvertAll(batch, text => _tokenizer.EncodeIds(text) is { } ids && ids.Length > maxLength - 2 ? ids[..(maxLength - 2)] : _tokenizer.EncodeIds(text));
            var longest = sequences.Max(s => s.Length) + 2;
            var (ids, mask) = (new long[batch.Length * longest], new long[batch.Length * longest]);
            for (var row = 0; row < batch.Length; row++)
            {
                int[] sequence = [_tokenizer.SpecialTokens.Classification, .. sequences[row], _tokenizer.SpecialTokens.Separator];
                for (var i = 0; i < sequence.Length; i++)
                    (ids[(row * longest) + i], mask[(row * longest) + i]) = (sequence[i], 1);
            }

            _graph.call(tensor(ids).reshape(batch.Length, longest), tensor(mask).reshape(batch.Length, longest));
        }
    }

    private static double Time(Action action, int repetitions)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < repetitions; i++)
            action();
        return watch.Elapsed.TotalSeconds;
    }
}
