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
    public void Transform_BeginningOfASentence_EndsItAsTheCorpusDoes()
    {
        var row = TinyClm.Read(_ml, TinyClm.Fitted, "The cat sits near the")[0];

        Assert.Matches(@"^the cat sits near the (mat|roof|field|house|river)\.$", row.Text); // the tokens are of lower case
    }

    [Fact]
    public void Transform_Sampled_GivesARowTheSameWhateverStandsBesideIt()
    {
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        var options = new GenerationOptions { MaxNewTokens = 8, Temperature = 2, Seed = 7 };
        using var transformer = _ml.Transforms.Text.GenerateText("Prediction", "Text", model, options).Fit(Tiny.Rows(_ml));

        var alone = TinyClm.Read(_ml, transformer, "The fox")[0].Text;
        var among = TinyClm.Read(_ml, transformer, "A much longer text near the river", "The fox", "The", "The fox");

        Assert.Equal(alone, among[1].Text);
        Assert.Equal(alone, among[3].Text);
        Assert.StartsWith("The fox", alone, StringComparison.Ordinal);
    }

    [Fact]
    public void GenerateText_SavedAndLoaded_KeepsItsOptionsAndNotTheMachines()
    {
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        var options = new GenerationOptions { MaxNewTokens = 3, Beams = 2, LengthPenalty = 0.5, StopTexts = ["zebra"], EndTokenIds = [3], BatchSize = 2, Precision = Precision.BFloat16 };
        using var transformer = _ml.Transforms.Text.GenerateText("Prediction", "Text", model, options).Fit(Tiny.Rows(_ml));

        using var again = Tiny.Reload<TextGenerationTransformer>(_ml, transformer, Tiny.Rows(_ml).Schema);

        Assert.Equal(Precision.BFloat16, again.Inference.Precision);
        Assert.Null(again.Inference.BatchSize);
        Assert.Equal(TinyClm.Read(_ml, transformer, "The dog")[0].Text, TinyClm.Read(_ml, again, "The dog")[0].Text);
        Assert.Equal(3, model.Tokenizer.EncodeToIds(TinyClm.Read(_ml, again, "The dog")[0].Text).Length - model.Tokenizer.EncodeToIds("The dog").Length);
    }

    [Fact]
    public void GenerateText_SeveralResultsARow_AreRefused()
    {
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        using var masked = PretrainedModel.FromTransformer(Tiny.Fitted);
        var several = new GenerationOptions { Results = 2, TopK = 3 };

        Assert.Contains("a row has one text", Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.GenerateText("P", "Text", model, several)).Message, StringComparison.Ordinal);
        Assert.Contains("a row has one text", Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainClm("P", "Text", new ClmOptions { Prediction = several })).Message, StringComparison.Ordinal);
        Assert.Contains("causal language model", Assert.Throws<InvalidOperationException>(() => _ml.Transforms.Text.GenerateText("P", "Text", masked)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_TextBeyondThePositions_ScoresItsBeginningAndSaysSo()
    {
        var messages = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => messages.Add(e.Message);
        var word = string.Concat(Enumerable.Repeat("cat ", 40));
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        using var transformer = new TextGenerationTransformer(ml, "Prediction", "Text", model.Share(), new GenerationOptions());

        var rows = TinyClm.Read(ml, transformer, word, word + "dog");

        Assert.Equal(-LossOf(word, length: 24), rows[0].Score, 1e-4);
        Assert.Equal(rows[0].Score, rows[1].Score);
        Assert.Contains(messages, message => message.Contains("2 of the rows", StringComparison.Ordinal) && message.Contains("24 positions; their first tokens are scored", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Contains("leave no room in the model's 24 positions", StringComparison.Ordinal));
    }

    [Fact]
    public void Transform_Tokens_ScoresThemAsTheText()
    {
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        using var transformer = new TextGenerationTransformer(_ml, "Prediction", "Tokens", model.Share(), new GenerationOptions());
        var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Fit(Tiny.Rows(_ml)).Transform(Tiny.Rows(_ml, "The cat sits"));

        var row = _ml.Data.CreateEnumerable<TextGenerationPrediction>(transformer.Transform(tokens), reuseRowObject: false).Single();

        var expected = TinyClm.Read(_ml, TinyClm.Fitted, "The cat sits")[0];
        Assert.Equal(expected.Score, row.Score, 1e-5);
        Assert.StartsWith("the cat sits", row.Text, StringComparison.Ordinal); // as the tokens are decoded
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
        Assert.All(rows.Zip(["cat", "the cat", ""]), pair => Assert.StartsWith(pair.Second, pair.First.Text, StringComparison.Ordinal));
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
