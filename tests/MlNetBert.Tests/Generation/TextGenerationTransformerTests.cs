using Microsoft.ML;
using MlNetBert.Models;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Generation;

public class TextGenerationTransformerTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Transform_Texts_ScoresThemAsTransformersLossDoes()
    {
        string[] texts = ["The cat sits near the mat.", "A", "The dog runs", ""];

        var rows = TinyClm.Read(_ml, TinyClm.Fitted, texts);

        Assert.All(texts.Zip(rows), pair => Assert.Equal(-LossOf(pair.First), pair.Second.Score, 1e-4));
    }

    [Fact]
    public void Transform_TextBeyondThePositions_ScoresItsBeginningAndSaysSo()
    {
        var messages = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => messages.Add(e.Message);
        var word = string.Concat(Enumerable.Repeat("cat ", 40));
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        using var transformer = new TextGenerationTransformer(ml, "Prediction", "Text", model.Share(), new InferenceOptions());

        var rows = TinyClm.Read(ml, transformer, word, word + "dog");

        Assert.Equal(-LossOf(word, length: 24), rows[0].Score, 1e-4);
        Assert.Equal(rows[0].Score, rows[1].Score);
        Assert.Contains(messages, message => message.Contains("2 of the rows", StringComparison.Ordinal) && message.Contains("24 positions", StringComparison.Ordinal));
    }

    [Fact]
    public void Transform_Tokens_ScoresThemAsTheText()
    {
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        using var transformer = new TextGenerationTransformer(_ml, "Prediction", "Tokens", model.Share(), new InferenceOptions());
        var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Fit(Tiny.Rows(_ml)).Transform(Tiny.Rows(_ml, "The cat sits"));

        var row = _ml.Data.CreateEnumerable<TextGenerationPrediction>(transformer.Transform(tokens), reuseRowObject: false).Single();

        Assert.Equal(TinyClm.Read(_ml, TinyClm.Fitted, "The cat sits")[0].Score, row.Score, 1e-5);
    }

    [Fact]
    public void Transform_TextOfOneToken_HasNoScore()
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(
            ["[UNK]", "[END]", "the", "cat"],
            new() { ClassificationToken = null, SeparatorToken = null, MaskToken = null, PaddingToken = null, EndOfTextToken = "[END]" });
        using var fitted = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer)
            .Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 12, packing: BlockPacking.OneDocumentPerBlock))
            .Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", TinyClm.Options())).Fit(SmallCorpus.Load(_ml));

        var rows = TinyClm.Read(_ml, fitted, "cat", "the cat", "");

        Assert.Equal([true, false, true], rows.Select(row => float.IsNaN(row.Score)));
        Assert.Equal([true, false, true], rows.Select(row => float.IsNaN(row.Perplexity)));
    }

    /// <summary>The plain way: all logits of one text.</summary>
    private static double LossOf(string text, int? length = null)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        var ids = new List<int>();
        model.Tokenizer.EncodeToIds(text, ids);
        var all = model.Tokenizer.Template.Build([.. ids]).Ids;
        var inputs = tensor(all[..(length ?? all.Length)]).to(ScalarType.Int64).unsqueeze(0); // [1, sequence]
        return CausalLanguageModel.Loss(model.Require<CausalLanguageModel>("The test").forward(inputs), inputs).item<float>();
    }
}
