using Microsoft.ML;
using MlNetBert.Embeddings;
using MlNetBert.FillMask;
using MlNetBert.Models;
using MlNetBert.NamedEntities;
using MlNetBert.QuestionAnswering;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Tokenizers;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Inference;

/// <summary>
/// A model whose tokenizer puts two special tokens before a text, two between a pair and none behind: results stand at the places of its
/// template.
/// </summary>
public sealed class OtherTemplateTests : IDisposable
{
    private const int Hidden = 32;
    private const string Text = "the cat sits near the [MASK].";

    private readonly MLContext _ml = new(seed: 3);
    private readonly TemporaryDirectory _directory = new();
    private readonly PretrainedModel _model;

    public OtherTemplateTests()
    {
        var path = Path.Combine(_directory.Path, "model");
        using (var bert = PretrainedModel.FromTransformer(Tiny.Fitted))
            bert.Save(path);
        var tokenizer = Path.Combine(path, "tokenizer.json");
        File.WriteAllBytes(tokenizer, OtherTemplates.Apply(File.ReadAllBytes(tokenizer)));
        _model = PretrainedModel.FromDirectory(path);
    }

    private SpecialTokens Special => _model.Tokenizer.SpecialTokens;

    public void Dispose()
    {
        _model.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void TextEmbedder_OfText_PoolsOverTheTemplatesTokens()
    {
        var vector = new TextEmbedder(_model, new EmbeddingOptions { Pooling = Pooling.Mean }).Embed([Text])[0];
        var states = States([Special.ClassificationTokenId!.Value, Special.SeparatorTokenId!.Value, .. _model.Tokenizer.EncodeToIds(Text)]);
        for (var i = 0; i < Hidden; i++)
            Assert.Equal(states.Where((_, place) => place % Hidden == i).Average(), vector[i], 1e-5f);
        Assert.Throws<InvalidOptionsException>(() => new TextEmbedder(_model, new EmbeddingOptions { MaxLength = 2 }));
        Assert.Equal(Hidden, new TextEmbedder(_model, new EmbeddingOptions { MaxLength = 3 }).Embed([Text])[0].Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TokenEmbedder_OfText_GivesTheStatesBehindTheTemplatesTokens(bool words)
    {
        var ids = _model.Tokenizer.EncodeToIds(Text);
        var states = States([Special.ClassificationTokenId!.Value, Special.SeparatorTokenId!.Value, .. ids]);
        var embedded = new TokenEmbedder(_model, new TokenEmbeddingOptions { Unit = words ? TokenUnit.Word : TokenUnit.Piece }).Embed([Text])[0];
        Assert.Equal("the", embedded.Tokens[0]);
        Assert.Equal(new TokenOffset(0, 3), embedded.Offsets[0]);
        Assert.Equal(".", embedded.Tokens[^1]);
        Assert.Equal(new TokenOffset(Text.Length - 1, Text.Length), embedded.Offsets[^1]);
        for (var i = 0; i < Hidden; i++)
        {
            Assert.Equal(states[(2 * Hidden) + i], embedded.Vectors[i], 1e-5f);
            Assert.Equal(states[^(Hidden - i)], embedded.Vectors[^(Hidden - i)], 1e-5f);
        }

        if (!words)
            Assert.Equal(ids.Length, embedded.Tokens.Count);
    }

    [Fact]
    public void MaskFiller_OfTextsOfSeveralLengths_PredictsAtTheMask()
    {
        string[] texts = [Text, "the [MASK] runs.", "a b c d e f g h i j k l m n o p q r s t u v w x [MASK] y"];
        var filler = new MaskFiller(_model, new FillMaskOptions { TopK = 3 });
        var filled = filler.Fill(texts);
        foreach (var text in filled)
        {
            int[] ids = [Special.ClassificationTokenId!.Value, Special.SeparatorTokenId!.Value, .. text.TokenIds];
            Assert.InRange(ids.Length, 3, _model.Config.LongestSequence);
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            var logits = ((MaskedLanguageModel)_model.Network).forward(tensor(ids).to(ScalarType.Int64).unsqueeze(0))[0]; // [sequence, vocabulary]
            var best = logits[Array.IndexOf(ids, Special.MaskTokenId!.Value)].narrow(0, 0, _model.Tokenizer.Vocabulary.Count).argmax().item<long>();
            Assert.Equal(best, text.Candidates[0][0].TokenId);
        }

        Assert.True(filled[2].IsTruncated);
        Assert.Equal(_model.Config.LongestSequence - 2, filled[2].TokenIds.Count);
    }

    [Fact]
    public void NamedEntityRecognition_OfSentences_LearnsAndTagsAtTheirPlaces()
    {
        var rows = SmallCorpus.Sentences.Select(sentence =>
        {
            var words = sentence.Split(' ');
            return new Row { Sentence1 = sentence, Label = [.. words.Select(word => word is "cat" or "dog" or "fox" or "horse" or "bird" or "mouse" ? "B-animal" : "O")] };
        });
        var options = new NamedEntityRecognitionOptions { Epochs = 25, BatchSize = 8, LearningRate = 5e-3, Threads = 1, Precision = Precision.Float32, Device = "cpu", Dropout = 0, EvaluationFraction = 0.2 };
        using var fitted = _ml.MulticlassClassification.Trainers.NamedEntityRecognition(_model, options: options).Fit(_ml.Data.LoadFromEnumerable(rows));
        Assert.True(fitted.Evaluation!.Metrics![MetricNames.F1] > 0.9, string.Join(", ", fitted.Evaluation.Metrics));
        using var engine = _ml.Model.CreatePredictionEngine<Row, NamedEntityPrediction>(fitted);
        Assert.Equal(["dog"], engine.Predict(new Row { Sentence1 = "The dog sits near the river." }).Texts);
    }

    [Fact]
    public void SubwordAlignment_Labels_StandBehindTheTemplatesTokens()
    {
        var alignment = SubwordAlignment.Create(_model.Tokenizer, SentenceWords.Split("the cat"), limit: 10);
        Assert.Equal([Losses.IgnoredLabel, Losses.IgnoredLabel, 4, 5, Losses.IgnoredLabel], alignment.Labels([4, 5], _model.Tokenizer.Template, 5));
        Assert.Throws<ArgumentException>(() => alignment.Labels([4, 5], _model.Tokenizer.Template, 3));
    }

    [Fact]
    public void QuestionEncoder_OfALongContext_PutsTwoTokensBetweenQuestionAndContext()
    {
        var settings = WindowSettings.Of(_model, 12, stride: null, maxQuestionLength: null, maxAnswerLength: 30);
        var windows = new QuestionEncoder(_model, settings).Encode("the dog", "the cat sits near the mat. the dog runs near the house.");
        var (question, separator) = (_model.Tokenizer.EncodeToIds("the dog"), Special.SeparatorTokenId!.Value);
        Assert.True(windows.Texts.Count > 1);
        Assert.Equal(1 + question.Length + 2, windows.ContextPlace);
        Assert.All(windows.Texts, text =>
        {
            Assert.InRange(text.Ids.Length, windows.ContextPlace + 1, 12);
            Assert.Equal([Special.ClassificationTokenId!.Value, .. question, separator, separator], text.Ids[..windows.ContextPlace]);
            Assert.DoesNotContain(separator, text.Ids[windows.ContextPlace..]);
            Assert.Equal([.. Enumerable.Repeat(0L, 1 + question.Length + 1), .. Enumerable.Repeat(1L, text.Ids.Length - question.Length - 2)], text.TokenTypeIds!.Select(type => (long)type));
        });
    }

    [Fact]
    public void QuestionAnswer_OfAQuestion_AnswersFromTheContext()
    {
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: Asked.Options()).Fit(Asked.Load(_ml, Asked.Rows));
        var answers = _ml.Data.CreateEnumerable<QuestionAnswerPrediction>(fitted.Transform(Asked.Load(_ml, Asked.Rows)), reuseRowObject: false).ToList();
        Assert.Equal(Asked.Rows.Select(row => row.TrainingAnswer), answers.Select(answer => answer.Texts[0]));
    }

    [Fact]
    public void MaskFiller_OfATokenizerWithoutAMask_IsRefused()
    {
        var path = Path.Combine(_directory.Path, "no-mask");
        _model.Save(path);
        var configuration = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(path, "tokenizer_config.json")))!;
        configuration["mask_token"] = null;
        File.WriteAllText(Path.Combine(path, "tokenizer_config.json"), configuration.ToJsonString());
        File.Delete(Path.Combine(path, "special_tokens_map.json"));
        using var model = PretrainedModel.FromDirectory(path);
        Assert.Null(model.Tokenizer.SpecialTokens.MaskTokenId);
        Assert.Contains("Filling masks needs a mask token", Assert.Throws<InvalidOperationException>(() => new MaskFiller(model)).Message, StringComparison.Ordinal);
        Assert.Equal(Hidden, new TextEmbedder(model).Embed(["the cat"])[0].Length);
    }

    /// <summary>The last hidden states of a sequence, [sequence × hidden].</summary>
    private float[] States(int[] ids)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        return _model.Network.Backbone.forward(new(tensor(ids).to(ScalarType.Int64).unsqueeze(0))).LastHiddenState[0].data<float>().ToArray();
    }

    private sealed class Row
    {
        public string Sentence1 { get; set; } = "";

        public string[] Label { get; set; } = [];
    }
}
