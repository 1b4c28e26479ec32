using System.Diagnostics;
using Microsoft.ML;
using MlNetBert.Models;
using MlNetBert.Training.Loop;
using static TorchSharp.torch;

namespace MlNetBert.Benchmarks;

/// <summary>A short text a call, which someone waits for: PredictionEngine beside Hugging Face's graphs.</summary>
internal static class CallBenchmark
{
    private const int CallsOfARound = 20; // in a row, because other calls between would take the weights out of the caches
    private const string Sentence = "The parser reads one line of the file at a time.";
    private const string Masked = "The [MASK] reads one line of the file at a time.";

    public static void Run(Arguments arguments)
    {
        Report.Head($"One text a call, {arguments.Precision} here, Float32 there", "what", "here, calls/s", "Hugging Face's graph, calls/s", "ratio");
        Embed(arguments);
        Fill(arguments);
        Predict(arguments);
        Prepare(arguments);
    }

    private static void Embed(Arguments arguments)
    {
        if (arguments.Find("models", "all-MiniLM-L6-v2") is not { } directory || arguments.Find("peers", "minilm-encoder.pt.xz") is not { } packed)
            return;
        var ml = new MLContext(seed: 1);
        using var model = PretrainedModel.FromDirectory(directory);
        using var peer = new EncoderPeer(packed, model.Tokenizer);
        var embedding = ml.Transforms.Text.EmbedText(nameof(Embedded.Features), "Text", model, new EmbeddingOptions { Precision = arguments.Precision });
        using var engine = ml.Model.CreatePredictionEngine<TextLine, Embedded>(embedding.Fit(View(ml, Sentence)));
        peer.Compare("embed one sentence, all-MiniLM-L6-v2", [Sentence], maxLength: 128, () => engine.Predict(new TextLine { Text = Sentence }), arguments.Rounds, CallsOfARound);
    }

    private static void Fill(Arguments arguments)
    {
        if (arguments.Find("peers", "base-mlm.pt.xz") is not { } packed || arguments.Find("data", "bert-base-uncased-vocab.txt") is not { } vocabulary)
            return;
        var ml = new MLContext(seed: 1);
        var tokenizer = SubwordTokenizer.FromVocabularyFile(vocabulary);
        using var peer = new EncoderPeer(packed, tokenizer);
        using var engine = ml.Model.CreatePredictionEngine<TextLine, FillMaskPrediction>(MaskFilling.Fit(ml, tokenizer, View(ml, [.. Enumerable.Repeat(Masked, 10)]), arguments.Precision));
        peer.Compare("fill the mask of one sentence, BERT-base", [Masked], MaskFilling.Positions, () => engine.Predict(new TextLine { Text = Masked }), arguments.Rounds, CallsOfARound);
    }

    /// <summary>The time of a call alone: there is no graph of that size.</summary>
    private static void Predict(Arguments arguments)
    {
        var ml = new MLContext(seed: 1);
        var words = Enumerable.Range(0, 400).Select(i => "word" + i).ToArray();
        var view = View(ml, [.. Enumerable.Range(0, 60).Select(r => string.Join(' ', Enumerable.Range(0, 20).Select(i => words[((r * 7) + (i * 3)) % words.Length])))]);
        var pipeline = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 500 })
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Size = "mini", MaxPositions = 128, MaxSteps = 1, BatchSize = 1, Precision = Precision.Float32, Prediction = new FillMaskOptions { Precision = arguments.Precision } }));
        using var engine = ml.Model.CreatePredictionEngine<TextLine, FillMaskPrediction>(pipeline.Fit(view));
        var text = new TextLine { Text = "word1 word2 word3 [MASK] word5 word6 word7 word8 word9 word10" };
        var times = new List<double>();
        for (var call = -CallsOfARound; call < arguments.Rounds * CallsOfARound; call++)
        {
            var watch = Stopwatch.StartNew();
            engine.Predict(text);
            if (call >= 0)
                times.Add(watch.Elapsed.TotalMilliseconds);
        }

        Report.Row("fill the mask of 12 tokens, 4 × 256, ms a call", Report.Spread(times), "–", "–");
    }

    /// <summary>What laying the weights out once brings, by the length of the text.</summary>
    private static void Prepare(Arguments arguments)
    {
        Report.Head($"An encoder's pass, {arguments.Precision}, ms", "model, tokens", "weights as they lie", "prepared", "ratio");
        using var guard = no_grad();
        var precision = TrainingDevice.Resolve(arguments.Precision, CPU);
        foreach (var (architecture, size) in new[] { (ModelArchitecture.ModernBert, ModelSize.Mini), (ModelArchitecture.Bert, ModelSize.MiniLm), (ModelArchitecture.Bert, ModelSize.Base) })
        {
            var config = architecture.CreateConfig(size, vocabularySize: 8_000, maxPositions: 512, new ModelTokenIds(Padding: 0, Classification: 1, Separator: 2));
            using var plain = (MaskedLanguageModel)architecture.Create(ModelHead.MaskedLanguageModel, config, seed: 1);
            using var prepared = (MaskedLanguageModel)architecture.Create(ModelHead.MaskedLanguageModel, config, seed: 1);
            plain.eval();
            prepared.PrepareForInference();
            foreach (var tokens in new[] { 12, 32, 64, 128, 256 })
            {
                using var ids = randint(5, 8_000, [1L, tokens], int64);
                var (before, after) = InTurn.Time(arguments.Rounds, CallsOfARound, () => Pass(plain), () => Pass(prepared));
                Report.Row(
                    $"{config.ModelType} {size.LayerCount} × {size.HiddenSize}, {tokens}",
                    Report.Spread(before.ConvertAll(seconds => 1000 * seconds)),
                    Report.Spread(after.ConvertAll(seconds => 1000 * seconds)),
                    Report.Number(Report.Median(before) / Report.Median(after)) + " ×");

                void Pass(MaskedLanguageModel model)
                {
                    using var scope = NewDisposeScope();
                    model.Backbone.forward(new(ids), precision: precision);
                }
            }
        }
    }

    private static IDataView View(MLContext ml, params string[] texts) => ml.Data.LoadFromEnumerable(texts.Select(t => new TextLine { Text = t }));

    private sealed class Embedded
    {
        public float[] Features { get; set; } = [];
    }
}
