using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Text.Corpora;

namespace MlNetBert.Benchmarks;

/// <summary>Embedding and mask filling of many rows through ML.NET's Transform.</summary>
internal static class InferenceBenchmark
{
    private const int EmbeddedRows = 320;
    private const int FilledRows = 96;

    public static void Run(Arguments arguments)
    {
        Report.Head($"Inference, {arguments.Precision} here, Float32 there", "what", "here, rows/s", "Hugging Face's graph, rows/s", "ratio");
        Embed(arguments);
        Fill(arguments);
    }

    private static void Embed(Arguments arguments)
    {
        if (arguments.Find("models", "all-MiniLM-L6-v2") is not { } directory || arguments.Find("peers", "minilm-encoder.pt.xz") is not { } packed || arguments.Find("data", "corefx-issues.tsv") is not { } issues)
            return;
        var texts = Corpus.Open(issues, new CorpusOptions { Column = "Description" }).ReadDocuments().Take(EmbeddedRows).ToList();
        var ml = new MLContext(seed: 1);
        using var model = PretrainedModel.FromDirectory(directory);
        using var peer = new EncoderPeer(packed, model.Tokenizer);
        var view = ml.Data.LoadFromEnumerable(texts.ConvertAll(t => new TextLine { Text = t }));
        // Cut at what trainings take, at the limit that sentence-transformers sets for this model, and at the model's positions: the longer, the more padding batches in the order of arrival have.
        foreach (var maxLength in (int[])[128, 256, 512])
        {
            using var transformer = ml.Transforms.Text.EmbedText("Features", "Text", model, new EmbeddingOptions { MaxLength = maxLength, Precision = arguments.Precision }).Fit(view);
            peer.Compare($"embed {texts.Count} corefx issues, all-MiniLM-L6-v2, at most {maxLength} tokens", texts, maxLength, () => Drain(transformer.Transform(view), "Features"), arguments.Rounds);
        }
    }

    private static void Fill(Arguments arguments)
    {
        if (arguments.Find("peers", "base-mlm.pt.xz") is not { } packed || arguments.Find("data", "bert-base-uncased-vocab.txt") is not { } vocabulary || arguments.Find("data", "wikitext-2-valid.txt") is not { } lines)
            return;
        var tokenizer = SubwordTokenizer.FromVocabularyFile(vocabulary);
        var texts = File.ReadLines(lines).Where(l => l.Split(' ').Length > 8).Take(FilledRows).Select(WithMask).ToList();
        var ml = new MLContext(seed: 1);
        var view = ml.Data.LoadFromEnumerable(texts.ConvertAll(t => new TextLine { Text = t }));
        using var transformer = MaskFilling.Fit(ml, tokenizer, view, arguments.Precision);
        using var peer = new EncoderPeer(packed, tokenizer);
        peer.Compare($"fill a mask in each of {texts.Count} WikiText-2 lines, BERT-base", texts, MaskFilling.Positions, () => Drain(transformer.Transform(view), "Prediction.Score"), arguments.Rounds);
    }

    private static void Drain(IDataView view, string column)
    {
        using var cursor = view.GetRowCursor([view.Schema[column]]);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema[column]);
        VBuffer<float> values = default;
        while (cursor.MoveNext())
            getter(ref values);
    }

    private static string WithMask(string line)
    {
        var words = line.Trim().Split(' ');
        words[words.Length / 2] = "[MASK]";
        return string.Join(' ', words);
    }
}
