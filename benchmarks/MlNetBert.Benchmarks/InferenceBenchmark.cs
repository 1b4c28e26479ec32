using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Text.Corpora;
using MlNetBert.Text.Tokenizers;
using static TorchSharp.torch;

namespace MlNetBert.Benchmarks;

/// <summary>Embedding and mask filling through ML.NET's Transform beside Hugging Face's graphs, fed as Python users feed them: batches of 32 in the order of arrival, padded to the longest.</summary>
internal static class InferenceBenchmark
{
    private const int PeerBatch = 32;
    private const int Calls = 200;
    private const int WarmUpCalls = 20;
    private const int EmbeddedRows = 320;
    private const int FilledRows = 96;
    private const int FillCalls = 40;
    private const string ShortMasked = "The [MASK] reads one line of the file at a time.";

    public static void Run(Arguments arguments)
    {
        Report.Head($"Inference, {arguments.Precision} here, Float32 there", "what", "here, rows/s", "Hugging Face's graph, rows/s", "ratio");
        Embed(arguments);
        Fill(arguments);
        PredictOne();
    }

    private static void Embed(Arguments arguments)
    {
        if (arguments.Find("models", "all-MiniLM-L6-v2") is not { } directory || arguments.Find("peers", "minilm-encoder.pt.xz") is not { } packed || arguments.Find("data", "corefx-issues.tsv") is not { } issues)
            return;
        var texts = Corpus.Open(issues, new CorpusOptions { Column = "Description" }).ReadDocuments().Take(EmbeddedRows).ToList();
        var ml = new MLContext(seed: 1);
        using var model = PretrainedModel.FromDirectory(directory);
        var view = ml.Data.LoadFromEnumerable(texts.ConvertAll(t => new TextLine { Text = t }));
        using var peer = jit.load<Tensor, Tensor, Tensor>(Peer.Unpack(packed));
        Peer.Initialize(peer);
        // Cut at what trainings take, at the limit that sentence-transformers sets for this model, and at the model's positions: the longer, the more padding batches in the order of arrival have.
        foreach (var maxLength in (int[])[128, 256, 512])
        {
            var transformer = ml.Transforms.Text.EmbedText("Features", "Text", model, new EmbeddingOptions { MaxLength = maxLength, Precision = arguments.Precision }).Fit(view);
            Compare(arguments.Rounds, warmUp: 1, $"embed {texts.Count} corefx issues, all-MiniLM-L6-v2, at most {maxLength} tokens", texts, model.Tokenizer, peer, () => Drain(transformer.Transform(view), "Features"), maxLength);
        }

        EmbedOne(arguments, ml, model, peer);
    }

    /// <summary>A short text at a time: what a compiled graph saves of the calls from C# into libtorch, a layer's operations one by one.</summary>
    private static void EmbedOne(Arguments arguments, MLContext ml, PretrainedModel model, jit.ScriptModule<Tensor, Tensor, Tensor> peer)
    {
        List<string> text = ["The parser reads one line of the file at a time."];
        var view = ml.Data.LoadFromEnumerable(text.ConvertAll(t => new TextLine { Text = t }));
        var embedding = ml.Transforms.Text.EmbedText(nameof(Embedded.Features), "Text", model, new EmbeddingOptions { Precision = arguments.Precision });
        using var engine = ml.Model.CreatePredictionEngine<TextLine, Embedded>(embedding.Fit(view));
        Compare(Calls, WarmUpCalls, "embed one sentence a call, all-MiniLM-L6-v2", text, model.Tokenizer, peer, () => engine.Predict(new TextLine { Text = text[0] }), maxLength: 128);
    }

    private static void Fill(Arguments arguments)
    {
        if (arguments.Find("peers", "base-mlm.pt.xz") is not { } packed || arguments.Find("data", "bert-base-uncased-vocab.txt") is not { } vocabulary || arguments.Find("data", "wikitext-2-valid.txt") is not { } lines)
            return;
        var ml = new MLContext(seed: 1);
        var tokenizer = WordPieceTokenizer.FromVocabularyFile(vocabulary);
        var texts = File.ReadLines(lines).Where(l => l.Split(' ').Length > 8).Take(FilledRows).Select(WithMask).ToList();
        var view = ml.Data.LoadFromEnumerable(texts.ConvertAll(t => new TextLine { Text = t }));
        var options = new MlmOptions { Architecture = "bert", Size = "base", MaxPositions = 512, MaxSteps = 1, BatchSize = 1, Precision = Training.Precision.Float32, PredictionPrecision = arguments.Precision };
        var pipeline = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer)
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options));
        using var transformer = pipeline.Fit(view);
        using var peer = jit.load<Tensor, Tensor, Tensor>(Peer.Unpack(packed));
        Peer.Initialize(peer);
        Compare(arguments.Rounds, warmUp: 1, $"fill a mask in each of {texts.Count} WikiText-2 lines, BERT-base", texts, tokenizer, peer, () => Drain(transformer.Transform(view), "Prediction.Score"), maxLength: 512);
        using var engine = ml.Model.CreatePredictionEngine<TextLine, FilledMask>(transformer);
        Compare(FillCalls, WarmUpCalls, "fill a mask in one short text a call, BERT-base", [ShortMasked], tokenizer, peer, () => engine.Predict(new TextLine { Text = ShortMasked }), maxLength: 512);
    }

    /// <summary>The time of one call for one short text, which a web server waits for.</summary>
    private static void PredictOne()
    {
        var ml = new MLContext(seed: 1);
        var words = Enumerable.Range(0, 400).Select(i => "word" + i).ToArray();
        var rows = Enumerable.Range(0, 60).Select(r => new TextLine { Text = string.Join(' ', Enumerable.Range(0, 20).Select(i => words[((r * 7) + (i * 3)) % words.Length])) }).ToList();
        var view = ml.Data.LoadFromEnumerable(rows);
        var pipeline = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceOptions { VocabularySize = 500 })
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Size = "mini", MaxPositions = 128, MaxSteps = 1, BatchSize = 1, Precision = Training.Precision.Float32 }));
        using var engine = ml.Model.CreatePredictionEngine<TextLine, FilledMask>(pipeline.Fit(view));
        var text = new TextLine { Text = "word1 word2 word3 [MASK] word5 word6 word7 word8 word9 word10" };
        var times = new List<double>();
        for (var call = 0; call < Calls + WarmUpCalls; call++)
        {
            var watch = Stopwatch.StartNew();
            engine.Predict(text);
            if (call >= WarmUpCalls)
                times.Add(watch.Elapsed.TotalMilliseconds);
        }

        Report.Row("one call of a PredictionEngine, 12 tokens, 4 × 256, ms", Report.Spread(times), "–", "–");
    }

    private static void Compare(int rounds, int warmUp, string what, List<string> texts, WordPieceTokenizer tokenizer, jit.ScriptModule<Tensor, Tensor, Tensor> peer, Action ours, int maxLength)
    {
        var (here, there) = (new List<double>(), new List<double>());
        for (var round = -warmUp; round < rounds; round++)
        {
            var own = Time(ours);
            var other = Time(() => RunPeer(texts, tokenizer, peer, maxLength));
            if (round < 0)
                continue;
            here.Add(texts.Count / own);
            there.Add(texts.Count / other);
        }

        Report.Row(what, Report.Spread(here, "0.0"), Report.Spread(there, "0.0"), Report.Number(Report.Median(here) / Report.Median(there)) + " ×");
    }

    private static void RunPeer(List<string> texts, WordPieceTokenizer tokenizer, jit.ScriptModule<Tensor, Tensor, Tensor> peer, int maxLength)
    {
        using var guard = no_grad();
        foreach (var batch in texts.Chunk(PeerBatch))
        {
            using var scope = NewDisposeScope();
            var sequences = Array.ConvertAll(batch, t => tokenizer.EncodeIds(t) is { } ids && ids.Length > maxLength - 2 ? ids[..(maxLength - 2)] : tokenizer.EncodeIds(t));
            var longest = sequences.Max(s => s.Length) + 2;
            var (ids, mask) = (new long[batch.Length * longest], new long[batch.Length * longest]);
            for (var row = 0; row < batch.Length; row++)
            {
                int[] sequence = [tokenizer.SpecialTokens.Classification, .. sequences[row], tokenizer.SpecialTokens.Separator];
                for (var i = 0; i < sequence.Length; i++)
                    (ids[(row * longest) + i], mask[(row * longest) + i]) = (sequence[i], 1);
            }

            peer.call(tensor(ids).reshape(batch.Length, longest), tensor(mask).reshape(batch.Length, longest));
        }
    }

    private static double Time(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    private static void Drain(IDataView view, string column)
    {
        using var cursor = view.GetRowCursor([view.Schema[column]]);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema[column]);
        VBuffer<float> values = default;
        while (cursor.MoveNext())
            getter(ref values);
    }

    private sealed class Embedded
    {
        public float[] Features { get; set; } = [];
    }

    private static string WithMask(string line)
    {
        var words = line.Trim().Split(' ');
        words[words.Length / 2] = "[MASK]";
        return string.Join(' ', words);
    }
}
