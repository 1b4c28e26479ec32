using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Conversion;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.Inspection;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Embeddings;

/// <summary>What sentence-transformers directories do beside one pooling, against plain loops over the encoder's hidden states.</summary>
public sealed class SentenceModulesTests : IDisposable
{
    private const string Text = "the cat sits on a mat.";
    private const int Hidden = SentenceDirectory.Hidden;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Embed_SeveralPoolings_ArePutTogetherInTheOrderThatIsSaid()
    {
        var path = Model("several", [("Pooling", "1_Pooling")], """{"pooling_mode":["lasttoken","mean","cls"]}""");
        var flags = Model("flags", [("Pooling", "1_Pooling")], """{"pooling_mode_lasttoken":true,"pooling_mode_mean_tokens":true,"pooling_mode_cls_token":true,"pooling_mode_max_tokens":false}""");
        using var model = PretrainedModel.FromDirectory(path);
        using var older = PretrainedModel.FromDirectory(flags);
        var states = States(model, Text);

        var vectors = new TextEmbedder(model).Embed([Text, "a cat"]);

        AssertNear([.. states[^1], .. Mean(states), .. states[0]], vectors[0]);
        Assert.Equal(3 * Hidden, new TextEmbedder(model).Dimension);
        AssertNear([.. states[0], .. Mean(states), .. states[^1]], new TextEmbedder(older).Embed(Text));
        AssertNear(Mean(states), new TextEmbedder(model, new EmbeddingOptions { Pooling = Pooling.Mean }).Embed(Text));
    }

    [Theory]
    [InlineData("torch.nn.modules.activation.Tanh", true)]
    [InlineData("torch.nn.modules.linear.Identity", false)]
    [InlineData("torch.nn.modules.activation.ReLU", true)]
    [InlineData(null, true)]
    public void Embed_DenseBetweenNormalizations_IsWhatAPlainLoopGives(string? activation, bool hasBias)
    {
        var path = Model("dense", [("Pooling", "1_Pooling"), ("Normalize", "2_Normalize"), ("Dense", "3_Dense"), ("Normalize", "4_Normalize")], """{"pooling_mode":"mean"}""");
        var (weight, bias) = Dense(path, "3_Dense", outputs: 5, hasBias, activation);
        using var model = PretrainedModel.FromDirectory(path);

        var vector = new TextEmbedder(model).Embed(Text);
        var raw = new TextEmbedder(model, new EmbeddingOptions { Normalize = false }).Embed(Text);

        var pooled = Unit(Mean(States(model, Text)));
        var expected = Enumerable.Range(0, 5).Select(row =>
        {
            var sum = Enumerable.Range(0, Hidden).Sum(i => weight[(row * Hidden) + i] * pooled[i]) + (hasBias ? bias[row] : 0);
            return activation is null || activation.EndsWith("Tanh", StringComparison.Ordinal) ? Math.Tanh(sum)
                : activation.EndsWith("ReLU", StringComparison.Ordinal) ? Math.Max(0, sum) : sum;
        }).ToArray();
        AssertNear(expected, raw);
        AssertNear(Unit(expected), vector);
        using var source = ModelSource.Resolve(path);
        Assert.Equal(
            ("Mean", true, 5),
            (ModelInspection.Of(source).Sentence!.Pooling, ModelInspection.Of(source).Sentence!.Normalize,
                ModelInspection.Of(source).Sentence!.Dimension));
    }

    [Fact]
    public void Embed_DenseWhoseWeightsArePickled_IsTheSameAndSavedAsSafetensors()
    {
        var path = Model("pickled", [("Pooling", "1_Pooling"), ("Dense", "3_Dense")], """{"pooling_mode":"mean"}""");
        Dense(path, "3_Dense", outputs: 5, hasBias: true, "torch.nn.modules.activation.Tanh");
        using var before = PretrainedModel.FromDirectory(path);
        TorchFile.Replace(Path.Combine(path, "3_Dense"));
        using var model = PretrainedModel.FromDirectory(path);

        model.Save(_directory.File("kept"));

        Assert.Equal(new TextEmbedder(before).Embed(Text), new TextEmbedder(model).Embed(Text));
        using var kept = PretrainedModel.FromDirectory(_directory.File("kept"));
        Assert.Equal(new TextEmbedder(before).Embed(Text), new TextEmbedder(kept).Embed(Text));
        Assert.True(File.Exists(Path.Combine(_directory.File("kept"), "3_Dense", ModelFiles.Weights)));
        Assert.False(File.Exists(Path.Combine(_directory.File("kept"), "3_Dense", ModelFiles.PickledWeights)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Embed_Prompts_AreThoseOfTheFileOrTheTextItself(bool poolsPrompt)
    {
        var path = Model(
            "prompts", [("Pooling", "1_Pooling")], $$"""{"pooling_mode":"mean","include_prompt":{{(poolsPrompt ? "true" : "false")}}}""");
        File.WriteAllText(Path.Combine(path, ModelFiles.SentencePrompts), """{"prompts":{"query":"the dog ","document":"a mat "},"default_prompt_name":"query","similarity_fn_name":"dot"}""");
        using var model = PretrainedModel.FromDirectory(path);

        foreach (var (asked, prompt) in new (string?, string)[] { (null, "the dog "), ("document", "a mat "),
            ("a cat sits ", "a cat sits "), ("", "") })
        {
            var states = States(model, prompt + Text);
            // [CLS] is the prompt's.
            var left = poolsPrompt || prompt.Length == 0 ? states : states[(1 + model.Tokenizer.EncodeToIds(prompt).Length)..];
            AssertNear(Mean(left),
                new TextEmbedder(model, new EmbeddingOptions { Prompt = asked })
                    .Embed([Text, "a cat sits on the mat and the dog runs"])[0]);
        }
    }

    [Theory]
    [InlineData(Pooling.Cls)]
    [InlineData(Pooling.Max)]
    [InlineData(Pooling.WeightedMean)]
    [InlineData(Pooling.LastToken)]
    [InlineData(Pooling.MeanSqrtLength)]
    public void Embed_PromptThatIsNotPooled_LeavesTheTextsTokens(Pooling pooling)
    {
        var path = Model("left-out", [("Pooling", "1_Pooling")], """{"pooling_mode":"mean","include_prompt":false}""");
        using var model = PretrainedModel.FromDirectory(path);
        var states = States(model, "the dog " + Text);
        var first = 1 + model.Tokenizer.EncodeToIds("the dog ").Length;
        var left = states[first..];
        var places = Enumerable.Range(first + 1, left.Length).Select(place => (double)place).ToArray();

        var vector = new TextEmbedder(model, new EmbeddingOptions { Pooling = pooling, Prompt = "the dog " }).Embed(Text);

        AssertNear([.. Enumerable.Range(0, Hidden).Select(i => pooling switch
        {
            Pooling.Cls => left[0][i],
            Pooling.LastToken => left[^1][i],
            Pooling.Max => left.Max(state => state[i]),
            Pooling.MeanSqrtLength => left.Sum(state => state[i]) / Math.Sqrt(left.Length),
            _ => left.Zip(places, (state, place) => state[i] * place).Sum() / places.Sum(),
        })], vector);
    }

    [Fact]
    public void Save_OfEveryModule_GivesTheSameVectorsFromDirectoryZipAndConversion()
    {
        var path = Model("whole", [("Pooling", "pool"), ("Dense", "2_Dense"), ("Normalize", "3_Normalize")], """{"pooling_mode":["max","weightedmean"],"include_prompt":false}""", "pool");
        Dense(path, "2_Dense", outputs: 7, hasBias: true, "torch.nn.modules.activation.Tanh", inputs: 2 * Hidden);
        File.WriteAllText(Path.Combine(path, ModelFiles.SentencePrompts), """{"prompts":{"query":"the dog "},"default_prompt_name":"query","similarity_fn_name":"cosine","__version__":{}}""");
        var ml = new MLContext(seed: 1);
        using var model = PretrainedModel.FromDirectory(path);
        using var fitted = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(Tiny.Rows(ml, "a"));
        var expected = new TextEmbedder(model).Embed(Text);

        model.Save(_directory.File("saved"));
        ml.Model.Save(fitted, null, _directory.File("m.zip"));
        using (var source = ModelSource.Resolve(path))
            Assert.Empty(ModelConversion.Convert(source, _directory.File("converted")).Warnings);
        using (var again = ModelSource.Resolve(path))
            Assert.Empty(ModelConversion.Convert(again, _directory.File("converted")).Warnings); // in the place of a model

        foreach (var place in new[] { "saved", "converted", "m.zip" })
        {
            using var source = ModelSource.Resolve(_directory.File(place));
            using var opened = source.Open();
            Assert.Equal(expected, new TextEmbedder(opened).Embed(Text));
        }

        foreach (var file in new[] { ModelFiles.SentenceModules, ModelFiles.SentencePrompts, "pool/config.json", "2_Dense/config.json",
            "2_Dense/model.safetensors" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(path, file)), File.ReadAllBytes(Path.Combine(_directory.File("saved"), file)));
        using var loaded = (TextEmbeddingTransformer)ml.Model.Load(_directory.File("m.zip"), out _);
        Assert.Equal("the dog ", loaded.Settings.Prompt);
        Assert.Equal(expected, loaded.Transform(Tiny.Rows(ml, Text)).GetColumn<float[]>("Features").Single());
    }

    [Theory]
    [InlineData("activation_function", "\"torch.nn.modules.activation.Softplus\"", "Softplus")]
    [InlineData("activation_function", "\"custom.Tanh\"", "custom.Tanh")]
    [InlineData("module_input_name", "\"token_embeddings\"", "module_input_name")]
    [InlineData("use_residual", "true", "use_residual")]
    [InlineData("in_features", "31", "[5, 31]")]
    [InlineData("out_features", "0", "out_features")]
    [InlineData("bias", "3", "3_Dense")]
    public void EmbedText_DenseThatIsNotBuiltOrDoesNotFit_IsRefusedByWhatEmbedsOnly(string key, string value, string named)
    {
        var path = Model("odd", [("Pooling", "1_Pooling"), ("Dense", "3_Dense")], """{"pooling_mode":"mean"}""");
        Dense(path, "3_Dense", outputs: 5, hasBias: true, "torch.nn.modules.activation.Tanh");
        Checkpoint.EditConfig(Path.Combine(path, "3_Dense"), config => config[key] = System.Text.Json.Nodes.JsonNode.Parse(value));
        using var model = PretrainedModel.FromDirectory(path);

        Assert.Contains(named, Assert.Throws<ModelFormatException>(() => new TextEmbedder(model)).Message, StringComparison.Ordinal);
        using var source = ModelSource.Resolve(path);
        Assert.Contains(named, ModelInspection.Of(source).SentenceFault, StringComparison.Ordinal);
    }

    [Fact]
    public void EmbedText_DenseThatLacksAFile_IsRefusedWithItsName()
    {
        var path = Model("lacking", [("Pooling", "1_Pooling"), ("Dense", "3_Dense")], """{"pooling_mode":"mean"}""");
        using (var model = PretrainedModel.FromDirectory(path))
            Assert.Contains(
                "3_Dense", Assert.Throws<ModelFormatException>(() => new TextEmbedder(model)).Message, StringComparison.Ordinal);
        Dense(path, "3_Dense", outputs: 5, hasBias: true, activation: null);
        File.Delete(Path.Combine(path, "3_Dense", ModelFiles.Weights));

        using var without = PretrainedModel.FromDirectory(path);

        Assert.Contains("3_Dense", Assert.Throws<ModelFormatException>(() => new TextEmbedder(without)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EmbedText_PoolingThatLacksItsFile_IsRefusedWithItsName()
    {
        var path = Model("unsaid", [("Pooling", "1_Pooling")], pooling: null);
        using var model = PretrainedModel.FromDirectory(path);

        var message = Assert.Throws<ModelFormatException>(() => new TextEmbedder(model)).Message;

        Assert.Contains(Path.Combine(path, "1_Pooling", ModelFiles.Config), message, StringComparison.Ordinal);
        Assert.Contains("EmbeddingOptions.Pooling", message, StringComparison.Ordinal);
        AssertNear(Mean(States(model, Text)), new TextEmbedder(model, new EmbeddingOptions { Pooling = Pooling.Mean }).Embed(Text));
        using var source = ModelSource.Resolve(path);
        Assert.Equal(message, ModelInspection.Of(source).SentenceFault);
    }

    [Fact]
    public void EmbedText_DenseOfOtherInputsThanThePoolingGives_SaysBothNumbers()
    {
        var path = Model("wide", [("Pooling", "1_Pooling"), ("Dense", "3_Dense")], """{"pooling_mode":["cls","mean"]}""");
        Dense(path, "3_Dense", outputs: 5, hasBias: false, activation: null, inputs: 2 * Hidden);
        using var model = PretrainedModel.FromDirectory(path);

        Assert.Equal(5, new TextEmbedder(model).Dimension);
        Assert.Contains(
            "takes 64 values, but gets 32",
            Assert.Throws<ModelFormatException>(() => new TextEmbedder(model, new EmbeddingOptions { Pooling = Pooling.Mean })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_DenseOfOtherInputsThanThePoolingGives_IsTheFaultThatEmbeddingThrows()
    {
        var path = Model("narrow", [("Pooling", "1_Pooling"), ("Dense", "3_Dense")], """{"pooling_mode":"mean"}""");
        Dense(path, "3_Dense", outputs: 5, hasBias: false, activation: null, inputs: 2 * Hidden);
        using var source = ModelSource.Resolve(path);
        using var model = source.Open();

        var inspected = ModelInspection.Of(source);

        Assert.Null(inspected.Sentence);
        Assert.Equal(Assert.Throws<ModelFormatException>(() => new TextEmbedder(model)).Message, inspected.SentenceFault);
        Assert.Contains("takes 64 values, but gets 32", inspected.SentenceFault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LayerNorm", "'LayerNorm'")]
    [InlineData("WordWeights", "'WordWeights'")]
    public void EmbedText_ModuleThatIsNotBuilt_IsRefusedByName(string type, string named)
    {
        using var model = PretrainedModel.FromDirectory(Model("other", [("Pooling", "1_Pooling"), (type, "2_Other")], """{"pooling_mode":"mean"}"""));

        Assert.Contains(named, Assert.Throws<ModelFormatException>(() => new TextEmbedder(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EmbedText_ModulesInAnImpossibleOrder_AreRefused()
    {
        using var early = PretrainedModel.FromDirectory(Model("early", [("Normalize", "1_Normalize"), ("Pooling", "2_Pooling")], """{"pooling_mode":"mean"}"""));
        using var twice = PretrainedModel.FromDirectory(Model("twice", [("Pooling", "1_Pooling"), ("Pooling", "2_Pooling")], """{"pooling_mode":"mean"}"""));

        Assert.Contains(
            "a Normalize before the pooling", Assert.Throws<ModelFormatException>(() => new TextEmbedder(early)).Message,
            StringComparison.Ordinal);
        Assert.Contains("found 2", Assert.Throws<ModelFormatException>(() => new TextEmbedder(twice)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../elsewhere")]
    [InlineData("/etc")]
    public void FromDirectory_ModuleOutsideOfTheModel_IsRefused(string folder) =>
        Assert.Contains(
            $"'{folder}'",
            Assert.Throws<ModelFormatException>(
                () => PretrainedModel.FromDirectory(Model("outside", [("Dense", folder)], pooling: null))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void FromDirectory_DefaultPromptThatIsNotThere_IsRefused()
    {
        var path = Model("nobody", [("Pooling", "1_Pooling")], """{"pooling_mode":"mean"}""");
        File.WriteAllText(Path.Combine(path, ModelFiles.SentencePrompts), """{"prompts":{"query":"q "},"default_prompt_name":"passage"}""");

        Assert.Contains(
            "'passage'", Assert.Throws<ModelFormatException>(() => PretrainedModel.FromDirectory(path)).Message, StringComparison.Ordinal);
    }

    private string Model(string name, (string Type, string Folder)[] modules, string? pooling, string poolingFolder = "") =>
        SentenceDirectory.Make(_directory, name, modules, pooling, poolingFolder);

    private static (float[] Weight, float[] Bias) Dense(
        string path, string folder, int outputs, bool hasBias, string? activation, int inputs = Hidden) =>
        SentenceDirectory.AddDense(path, folder, outputs, hasBias, activation, inputs);

    /// <summary>The hidden states of a text alone: [tokens][hidden].</summary>
    private static double[][] States(PretrainedModel model, string text)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var ids = model.Tokenizer.Template.Build(model.Tokenizer.EncodeToIds(text)).Ids;
        var states =
            model.Network.Backbone.forward(new(tensor(ids).to(ScalarType.Int64).unsqueeze(0))).LastHiddenState[0].data<float>().ToArray();
        return [.. states.Chunk(Hidden).Select(state => state.Select(value => (double)value).ToArray())];
    }

    private static double[] Mean(double[][] states) =>
        [.. Enumerable.Range(0, states[0].Length).Select(i => states.Average(state => state[i]))];

    private static double[] Unit(double[] vector) => [.. vector.Select(value => value / Math.Sqrt(vector.Sum(v => v * v)))];

    private static void AssertNear(double[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
    }
}
