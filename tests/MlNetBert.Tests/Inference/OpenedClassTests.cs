using System.Text.Json.Nodes;
using Microsoft.ML;
using MlNetBert.Conversion;
using MlNetBert.Embeddings;
using MlNetBert.FillMask;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Inspection;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Inference;

/// <summary>Which class of models a checkpoint is opened as: the one that config.json names, with all of its heads and no other.</summary>
public sealed class OpenedClassTests : IDisposable
{
    private static readonly string[] Texts = ["The cat sat.", "A dog."];

    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string, string> Classes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var architecture in Architectures)
            {
                foreach (var entry in architecture.Classes)
                    data.Add(architecture.ModelType, entry.Name);
            }

            return data;
        }
    }

    // ModernBERT's classifiers have the same weights; one output may also be a multiple choice's.
    public static TheoryData<string, string, string> ToldByWeights =>
        [.. Classes.Select(row => (row.Data.Item1, row.Data.Item2, row.Data.Item2))
            .Where(row => row.Item2 != "BertForReplacedTokenDetection"
                && (row.Item1 != "modernbert" || row.Item2 is "ModernBertModel" or "ModernBertForMaskedLM"))];

    /// <summary>Those with a masked language model.</summary>
    public static TheoryData<string> Names => [.. OwnArchitectures.ClassesWith(ModelHead.MaskedLanguageModel).Select(row => row.Data.Item1).Distinct()];

    private static IEnumerable<ModelArchitecture> Architectures => OwnArchitectures.All;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Classes))]
    public void FromDirectory_OfAnyClass_IsThatModelWholeWhereverItWasSaved(string architecture, string className)
    {
        var ml = new MLContext(seed: 1);
        var path = Saved(architecture, className);

        using var model = PretrainedModel.FromDirectory(path);
        using var fitted = ml.Transforms.Text.EmbedText("Features", "Text", model, new EmbeddingOptions { Pooling = Pooling.Mean }).Fit(Tiny.Rows(ml, "the cat"));
        ml.Model.Save(fitted, null, _directory.File("m.zip"));
        using var zip = ModelSource.Resolve(_directory.File("m.zip"));
        using var fromZip = zip.Open();
        using (var source = ModelSource.Resolve(path))
            Assert.Empty(ModelConversion.Convert(source, _directory.File("converted")).Warnings);
        using var converted = PretrainedModel.FromDirectory(_directory.File("converted"));
        model.Save(_directory.File("saved"));
        using var copy = model.Shared.CopyTo(CPU);

        Assert.Empty(model.Warnings);
        Assert.True(model.LoadReport!.IsComplete);
        Assert.Equal(ModelArchitecture.Get(architecture).FindClass(className)!.Head, model.Head);
        Assert.All([model, fromZip, converted], opened => Assert.Equal(className, opened.Network.ClassName));
        Assert.Equal(className, copy.ClassName);
        foreach (var saved in new[] { "saved", "converted" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(path, ModelFiles.Weights)), File.ReadAllBytes(Path.Combine(_directory.File(saved), ModelFiles.Weights)));
        Assert.All(model.Network.CheckpointWeights().Zip(copy.CheckpointWeights()), pair => Assert.True(pair.First.Parameter.equal(pair.Second.Parameter).all().item<bool>()));
        Assert.Equal(Embed(model), Embed(fromZip));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FromDirectory_OfAnEncoder_HasNoHeadAndTheVectorsOfTheModelItIsOf(string architecture)
    {
        var whole = Saved(architecture, Of(architecture, ModelHead.MaskedLanguageModel));
        using var language = PretrainedModel.FromDirectory(whole);
        var path = Encoder(architecture, whole);

        using var model = PretrainedModel.FromDirectory(path);

        Assert.IsAssignableFrom<Backbone>(model.Network);
        Assert.Equal(ModelHead.Encoder, model.Head);
        Assert.Empty(model.Warnings);
        Assert.Empty(model.LoadReport!.MissingInBackbone);
        Assert.Null(model.Find<MaskedLanguageModel>());
        Assert.Equal(Embed(language), Embed(model));
        Assert.Contains("the head of a masked language model, but the model", Assert.Throws<InvalidOperationException>(() => new MaskFiller(model)).Message, StringComparison.Ordinal);
        Assert.Contains($"holds a {model.Network.ClassName}", Assert.Throws<InvalidOperationException>(() => new MaskFiller(model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PretrainMlm_FromAnEncoder_DrawsTheHeadAndSaysSo(string architecture)
    {
        var path = Encoder(architecture, Saved(architecture, Of(architecture, ModelHead.MaskedLanguageModel)));
        using var model = PretrainedModel.FromDirectory(path);

        using var trained = Pretrain(model, out var said);

        Assert.Single(said, line => line.Contains("lacks weights of the masked-language-modeling head, which are drawn at random", StringComparison.Ordinal));
        Assert.Equal(ModelHead.MaskedLanguageModel, trained.Head);
        Assert.Equal(Of(architecture, ModelHead.MaskedLanguageModel), trained.Network.ClassName);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FromDirectory_EncoderNamedBesideAHead_FollowsTheNameAndSaysWhatIsNotUsed(string architecture)
    {
        var path = Saved(architecture, Of(architecture, ModelHead.MaskedLanguageModel));
        Name(path, Of(architecture, ModelHead.Encoder));

        using var model = PretrainedModel.FromDirectory(path);

        Assert.IsAssignableFrom<Backbone>(model.Network);
        Assert.Contains("not used", Assert.Single(model.Warnings), StringComparison.Ordinal);
        Assert.Contains(model.LoadReport!.UnexpectedKeys[0], Assert.Throws<InvalidOperationException>(() => new MaskFiller(model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ToldByWeights))]
    [InlineData("modernbert", "ModernBertForTokenClassification", "ModernBertForSequenceClassification, whose weights are all there, as are those of ModernBertForTokenClassification, ModernBertForQuestionAnswering")]
    public void FromDirectory_NameThatIsNotKnown_IsToldByTheWeightsAndSaidOnce(string architecture, string className, string opened)
    {
        foreach (var said in new[] { "NovelModel", null })
        {
            var path = Saved(architecture, className, said ?? "none");
            Name(path, said);
            using var model = PretrainedModel.FromDirectory(path);
            using var source = ModelSource.Resolve(path);

            Assert.Contains($"opened as {opened}", Assert.Single(model.Warnings), StringComparison.Ordinal);
            Assert.Contains(said ?? "names no class", model.Warnings[0], StringComparison.Ordinal);
            Assert.Equal(opened.Split(',')[0], model.Network.ClassName);
            Assert.Equal(model.Network.ClassName, ModelInspection.Of(source).Class);
            Assert.Equal(model.Warnings, ModelConversion.Convert(source, _directory.File(said + "converted")).Warnings);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FromDirectory_NameThatIsNotKnownAndWeightsOfNoClass_IsRefusedWithTheNames(string architecture)
    {
        var path = Saved(architecture, Of(architecture, ModelHead.Encoder));
        Name(path, "NovelModel");
        using (var model = PretrainedModel.FromDirectory(path))
            Checkpoint.Remove(path, model.Network.CheckpointWeights().First().Name);

        var message = Assert.Throws<ModelConfigFormatException>(() => PretrainedModel.FromDirectory(path, new PretrainedModelOptions { AllowMissing = true })).Message;

        Assert.Contains("NovelModel", message, StringComparison.Ordinal);
        Assert.All(ModelArchitecture.Get(architecture).Classes, entry => Assert.Contains(entry.Name, message, StringComparison.Ordinal));
        using var source = ModelSource.Resolve(path);
        Assert.Throws<ModelConfigFormatException>(() => ModelConversion.Convert(source, _directory.File("converted")));
        Assert.False(Path.Exists(_directory.File("converted")));
    }

    [Fact]
    public void FromDirectory_EncoderWithoutItsPooler_IsWholeAndEmbeds()
    {
        var path = Saved("bert", "BertModel");
        using var with = PretrainedModel.FromDirectory(path);
        var vectors = Embed(with);
        Checkpoint.Remove(path, "pooler.dense.weight", "pooler.dense.bias");

        using var model = PretrainedModel.FromDirectory(path);

        Assert.Empty(model.Warnings);
        Assert.Equal(["pooler.dense.bias", "pooler.dense.weight"], model.LoadReport!.MissingKeys.Order(StringComparer.Ordinal));
        Assert.Equal(vectors, Embed(model));
        Assert.Same(model.Network, model.Find<Backbone>());
    }

    [Theory]
    [InlineData("bert", "BertForMultipleChoice", "BertModel")]
    [InlineData("modernbert", "ModernBertForMultipleChoice", "ModernBertModel")]
    public void FromDirectory_NameThatIsNotKnownAndAClassifierOfOtherOutputs_IsTheEncoder(string architecture, string name, string opened)
    {
        var path = Saved(architecture, Of(architecture, ModelHead.SequenceClassifier));
        Checkpoint.Rewrite(path, tensors => tensors.Select(tensor => tensor.Name.StartsWith("classifier.", StringComparison.Ordinal)
            ? new TensorData(tensor.Name, tensor.Dtype, [1, .. tensor.Shape.Skip(1)], Bytes(tensor)[..(Bytes(tensor).Length / 2)])
            : tensor));
        Name(path, name);

        using var model = PretrainedModel.FromDirectory(path);

        Assert.Equal(2, model.Config.Labels.Count);
        Assert.Equal(opened, model.Network.ClassName);
        Assert.Equal(ModelHead.Encoder, model.Head);
        Assert.Single(model.Warnings, warning => warning.Contains($"names {name}, which is not known here", StringComparison.Ordinal)
            && warning.Contains($"opened as {opened}", StringComparison.Ordinal));
        Assert.Single(model.Warnings, warning => warning.Contains("not used", StringComparison.Ordinal) && warning.Contains("classifier.weight", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bert", "cls.predictions.bias")]
    [InlineData("modernbert", "decoder.bias")]
    [InlineData("mpnet", "lm_head.bias")]
    [InlineData("deberta-v2", "cls.predictions.bias")]
    [InlineData("roberta", "lm_head.bias")]
    [InlineData("distilbert", "vocab_projector.bias")]
    [InlineData("electra", "generator_lm_head.bias")]
    [InlineData("albert", "predictions.bias")]
    public void PretrainMlm_FromAnEncoderNamedBesideAHead_KeepsWhatTheFilesHoldOfIt(string architecture, string bias)
    {
        var path = Saved(architecture, Of(architecture, ModelHead.MaskedLanguageModel));
        using var whole = PretrainedModel.FromDirectory(path);
        Name(path, Of(architecture, ModelHead.Encoder));
        using (var model = PretrainedModel.FromDirectory(path))
        {
            using var started = (LanguageModelModule)PretrainingTask.Default.CreateModel(model.Config, model, seed: 7);

            Assert.IsAssignableFrom<Backbone>(model.Network);
            Assert.All(whole.Network.CheckpointWeights().Zip(started.CheckpointWeights()), pair => Assert.True(pair.First.Parameter.equal(pair.Second.Parameter).all().item<bool>(), pair.First.Name));
            Assert.DoesNotContain(Said(model), line => line.Contains("drawn", StringComparison.Ordinal));
        }

        Checkpoint.Remove(path, bias);
        using var partly = PretrainedModel.FromDirectory(path);

        Assert.Single(Said(partly), line => line.EndsWith($"lacks weights of the masked-language-modeling head, which are drawn at random: {bias}.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cls.seq_relationship.weight")]
    [InlineData("bert.pooler.dense.bias")]
    public void FromDirectory_PretrainingHeadsOfWhichOneIsNotWhole_FillsMasksWithTheOther(string missing)
    {
        var path = Saved("bert", "BertForPreTraining");
        var ml = new MLContext(seed: 1);
        using var whole = PretrainedModel.FromDirectory(path);
        Checkpoint.Remove(path, missing);
        using var model = PretrainedModel.FromDirectory(path);
        using var fitted = ml.Transforms.Text.FillMask("Filled", "Text", model).Fit(Tiny.Rows(ml, "the [MASK]"));
        ml.Model.Save(fitted, null, _directory.File("m.zip"));
        using var loaded = PretrainedModel.FromTransformer(ml.Model.Load(_directory.File("m.zip"), out _));
        using var source = ModelSource.Resolve(path);

        Assert.Single(model.Warnings, warning => warning.Contains($"names BertForPreTraining, of whose heads the checkpoint lacks '{missing}': opened as BertForMaskedLM", StringComparison.Ordinal));
        foreach (var opened in new[] { model, loaded })
        {
            Assert.Equal(ModelHead.MaskedLanguageModel, opened.Head);
            Assert.Equal(new MaskFiller(whole).Fill("the [MASK]").Candidates[0], new MaskFiller(opened).Fill("the [MASK]").Candidates[0]);
            Assert.True(PretrainingTask.Default.Serves(opened));
        }

        Assert.Equal("BertForMaskedLM", ModelInspection.Of(source).Class);
        Assert.DoesNotContain(Said(model), line => line.Contains("drawn", StringComparison.Ordinal));
    }

    [Fact]
    public void PretrainMlm_FromADrawnModel_StartsFromItsEncoder()
    {
        using var drawn = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer, seed: 3);
        using var language = ModelArchitecture.Of(Tiny.Config).Create(ModelHead.MaskedLanguageModel, Tiny.Config, seed: 3);

        Assert.IsAssignableFrom<Backbone>(drawn.Network);
        var weights = language.CheckpointWeights().ToDictionary(weight => weight.Name, StringComparer.Ordinal);
        Assert.All(drawn.Network.CheckpointWeights().Where(weight => !weight.Name.StartsWith("pooler.", StringComparison.Ordinal)), weight =>
            Assert.True(weight.Slice().equal(weights["bert." + weight.Name].Slice()).all().item<bool>(), weight.Name));
    }

    // What a further pretraining warns of.
    private static List<string> Said(PretrainedModel model)
    {
        using var trained = Pretrain(model, out var said);
        return said;
    }

    // What comes of a further pretraining, and what it warns of.
    private static PretrainedModel Pretrain(PretrainedModel model, out List<string> said)
    {
        var ml = new MLContext(seed: 1);
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.Message);
        using var fitted = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Append(Tiny.Group(ml))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model, new MlmOptions { MaxSteps = 1, Device = "cpu" })).Fit(SmallCorpus.Load(ml));
        said = log;
        return PretrainedModel.FromTransformer(fitted);
    }

    private static string Of(string architecture, ModelHead head) => ModelArchitecture.Get(architecture).Classes.First(entry => entry.Head == head).Name;

    private static IReadOnlyList<float[]> Embed(PretrainedModel model) => new TextEmbedder(model, new EmbeddingOptions { Pooling = Pooling.Mean }).Embed(Texts);

    private string Saved(string architecture, string className, string name = "model") =>
        Checkpoint.OfClass(_directory, architecture, className, name);

    // The encoder of a masked language model, as Hugging Face saves it.
    private string Encoder(string architecture, string whole)
    {
        var path = _directory.File("encoder");
        using (var source = ModelSource.Resolve(whole))
            ModelConversion.Convert(source, path);
        using var model = ModelArchitecture.Get(architecture).Create(ModelHead.MaskedLanguageModel, ModelArchitecture.ReadConfig(Path.Combine(whole, ModelFiles.Config)), seed: 0);
        var prefix = model.BackbonePrefix;
        Checkpoint.Rewrite(path, tensors => tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(tensor => new TensorData(tensor.Name[prefix.Length..], tensor.Dtype, tensor.Shape, Bytes(tensor))));
        Name(path, Of(architecture, ModelHead.Encoder));
        return path;
    }

    private static byte[] Bytes(TensorData tensor)
    {
        using var memory = new MemoryStream();
        tensor.WriteTo(memory);
        return memory.ToArray();
    }

    private static void Name(string path, string? className) => Checkpoint.EditConfig(path, config =>
    {
        config.Remove("architectures");
        if (className is not null)
            config["architectures"] = new JsonArray(className);
    });
}
