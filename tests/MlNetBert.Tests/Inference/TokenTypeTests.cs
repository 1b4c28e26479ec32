using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Embeddings;
using MlNetBert.FillMask;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Models.Bert;
using MlNetBert.NamedEntities;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Inference;

/// <summary>
/// A text alone whose tokenizer gives its last token a type of its own, as XLNet's: whatever reads it gives the model these types.
/// </summary>
public sealed class TokenTypeTests : IDisposable
{
    private const string Text = "the cat sits near the mat.";

    private readonly MLContext _ml = new(seed: 3);
    private readonly TemporaryDirectory _directory = new();
    private readonly SubwordTokenizer _tokenizer = WithTypes(Tiny.Tokenizer);

    public static TheoryData<string> Architectures => ["bert", "xlnet"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Embedders_OfATextAlone_GiveTheModelItsTokenTypes(string architecture)
    {
        using var model = Model(architecture, ModelHead.Encoder);
        var tokens = _tokenizer.Template.Build(_tokenizer.EncodeToIds(Text));
        var expected = States(model, tokens.Ids, tokens.TypeIds);                            // [sequence, hidden]
        Assert.False(Near(expected, States(model, tokens.Ids, typeIds: null)));

        var vector = new TextEmbedder(model, new EmbeddingOptions { Pooling = Pooling.Mean, Normalize = false, Device = "cpu" }).Embed(Text);
        var ofTokens = new TokenEmbedder(model, new TokenEmbeddingOptions { Unit = TokenUnit.Piece, Device = "cpu" }).Embed(Text);

        var width = model.Config.HiddenSize;
        Assert.True(Near([.. Enumerable.Range(0, width).Select(i => expected.Where((_, place) => place % width == i).Average())], vector));
        Assert.True(Near(expected[..^(2 * width)], ofTokens.Vectors));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Trainers_OfATextAlone_GiveTheModelItsTokenTypes(string architecture)
    {
        using var start = Model(architecture, ModelHead.Encoder);
        using var fitted = Labeled.Pipeline(_ml, start, Labeled.Options() with { MaxSteps = 1, LearningRate = 1e-12 }).Fit(Labeled.Load(_ml));
        using var trained = PretrainedModel.FromTransformer(fitted);

        var found = fitted.Transform(Labeled.Load(_ml)).GetColumn<float[]>("Score").First();

        var tokens = _tokenizer.Template.Build(_tokenizer.EncodeToIds(Labeled.Rows[0].Sentence1!));
        var expected = Scores(tokens.TypeIds);
        Assert.True(Near(expected, found));
        Assert.False(Near(expected, Scores(typeIds: null)));

        float[] Scores(int[]? typeIds)
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            return [.. ((SequenceClassifier)trained.Network).forward(Row(tokens.Ids), tokenTypeIds: typeIds is null ? null : Row(typeIds)).softmax(-1)[0].data<float>()];
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void NamedEntityRecognition_OfASentence_LearnsAndReadsWithTheirTokenTypes(string architecture)
    {
        using var start = Model(architecture, ModelHead.Encoder);
        var row = new Tagged { Sentence1 = Text, Label = ["O", "B-animal", "O", "O", "O", "B-place"] };
        var options = new NamedEntityRecognitionOptions { MaxSteps = 1, LearningRate = 1e-12, Threads = 1, Precision = Precision.Float32, Device = "cpu", Dropout = 0, LogEveryNSteps = 1 };
        using var fitted = _ml.MulticlassClassification.Trainers.NamedEntityRecognition(start, options: options).Fit(_ml.Data.LoadFromEnumerable([row]));
        using var trained = PretrainedModel.FromTransformer(fitted);
        using var engine = _ml.Model.CreatePredictionEngine<Tagged, NamedEntityPrediction>(fitted);

        var (loss, found) = (fitted.History[0].TrainingLoss, engine.Predict(row).PredictedLabels);

        var (tokens, network) = (_tokenizer.Template.Build(_tokenizer.EncodeToIds(Text)), (TokenClassifier)trained.Network);
        var labels = SubwordAlignment.Create(_tokenizer, SentenceWords.Split(Text), limit: 20)
            .Labels([.. row.Label.Select(tag => network.Config.Labels.ToList().IndexOf(tag))], _tokenizer.Template, tokens.Ids.Length);
        var expected = Expected(tokens.TypeIds);
        Assert.Equal(expected.Loss, loss!.Value, 1e-4);
        Assert.Equal(expected.Keys, found);
        Assert.NotEqual(Expected(typeIds: null).Loss, loss.Value, 1e-3);

        (double Loss, uint[] Keys) Expected(int[]? typeIds)
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            var logits = network.forward(Row(tokens.Ids), tokenTypeIds: typeIds is null ? null : Row(typeIds))[0]; // [sequence, labels]
            var best = logits.argmax(1).data<long>().ToArray();
            return (Losses.Classification(logits, tensor(labels).to(ScalarType.Int64)).item<float>(),
                [.. labels.Index().Where(label => label.Item != Losses.IgnoredLabel).Select(label => (uint)best[label.Index] + 1)]);
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void MaskFiller_OfAText_GivesTheModelItsTokenTypes(string architecture)
    {
        using var model = Model(architecture, ModelArchitecture.Get(architecture).VocabularyHead);
        var tokens = _tokenizer.Template.Build(_tokenizer.EncodeToIds("the [MASK] sits near the mat."));
        var network = (VocabularyModel)model.Network;

        var found = new MaskFiller(model, new FillMaskOptions { TopK = 5, Device = "cpu" }).Fill("the [MASK] sits near the mat.").Candidates[0];

        Assert.True(Near(Probabilities(tokens.TypeIds), [.. found.Select(candidate => candidate.Score)]));
        Assert.False(Near(Probabilities(typeIds: null), [.. found.Select(candidate => candidate.Score)]));

        float[] Probabilities(int[]? typeIds)
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            var inputs = new ModelInputs(Row(tokens.Ids), tokenTypeIds: typeIds is null ? null : Row(typeIds));
            var states = network.StatesFor(inputs, [[Array.IndexOf(tokens.Ids, _tokenizer.SpecialTokens.MaskTokenId!.Value)]], precision: null);
            return [.. network.Head.Logits(states)[0].softmax(-1).topk(5).values.data<float>()];
        }
    }

    /// <summary>The tokenizer with XLNet's template: A [SEP] [CLS], the last of type 2.</summary>
    private static SubwordTokenizer WithTypes(SubwordTokenizer tokenizer)
    {
        var files = tokenizer.ToFiles().ToDictionary();
        var json = JsonNode.Parse(files["tokenizer.json"])!;
        var processor = json["post_processor"]!;
        string[] names = [.. processor["special_tokens"]!.AsObject().Select(token => token.Key)];
        processor["single"] = new JsonArray(Part("Sequence", "A", 0), Part("SpecialToken", names[1], 0), Part("SpecialToken", names[0], 2));
        processor["pair"] = new JsonArray(
            Part("Sequence", "A", 0), Part("SpecialToken", names[1], 0), Part("Sequence", "B", 1), Part("SpecialToken", names[1], 1), Part("SpecialToken", names[0], 2));
        files["tokenizer.json"] = System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
        return RandomTokenizers.Open(files);

        static JsonObject Part(string kind, string name, int type) => new() { [kind] = new JsonObject { ["id"] = name, ["type_id"] = type } };
    }

    // Weights that let segments weigh.
    private PretrainedModel Model(string architecture, ModelHead head)
    {
        var special = _tokenizer.SpecialTokens;
        var owner = ModelArchitecture.Get(architecture);
        var config = owner.CreateConfig(
            new ModelSize("test", 2, 32, 2), _tokenizer.Vocabulary.Count, 24, new ModelTokenIds(special.PaddingTokenId!.Value, special.ClassificationTokenId!.Value, special.SeparatorTokenId!.Value));
        var network = owner.Create(head, config is BertConfig bert ? bert with { TokenTypes = 3 } : config, seed: 3);
        using var guard = no_grad();
        foreach (var (_, parameter) in network.named_parameters())
            parameter.mul_(6);
        return new PretrainedModel(new SharedModel(network, _tokenizer, "made here"));
    }

    private static float[] States(PretrainedModel model, int[] ids, int[]? typeIds)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        model.Network.eval();
        return [.. model.Network.Backbone.forward(new(Row(ids), tokenTypeIds: typeIds is null ? null : Row(typeIds))).LastHiddenState.data<float>()];
    }

    private static Tensor Row(int[] values) => tensor(values).to(ScalarType.Int64).unsqueeze(0);

    private static bool Near(IReadOnlyList<float> expected, IReadOnlyList<float> actual) =>
        expected.Count == actual.Count && expected.Zip(actual).All(pair => Math.Abs(pair.First - pair.Second) < 1e-4f * Math.Max(1, Math.Abs(pair.First)));

    private sealed class Tagged
    {
        public string Sentence1 { get; set; } = "";

        public string[] Label { get; set; } = [];
    }
}
