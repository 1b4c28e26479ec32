using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Embeddings;

public sealed class SentenceSettingsTests : IDisposable
{
    private const string OldModules = """[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"}]""";
    private const string NewModules =
        """[{"type":"sentence_transformers.base.modules.transformer.Transformer","path":""},{"type":"sentence_transformers.sentence_transformer.modules.pooling.Pooling","path":"1_Pooling"}]""";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("\"mean\"", "mean_tokens")]
    [InlineData("\"cls\"", "cls_token")]
    [InlineData("[\"max\"]", "max_tokens")]
    [InlineData("\"mean_sqrt_len_tokens\"", "mean_sqrt_len_tokens")]
    [InlineData("\"weightedmean\"", "weightedmean_tokens")]
    [InlineData("\"lasttoken\"", "lasttoken")]
    public void Embed_NewSpelling_IsTheOldOne(string mode, string flag)
    {
        var newer = Model("new", NewModules, $$"""{"embedding_dimension":32,"pooling_mode":{{mode}},"include_prompt":true}""");
        var older = Model("old", OldModules, $$"""{"word_embedding_dimension":32,"pooling_mode_{{flag}}":true}""");

        Assert.Equal(Embed(older, "The cat sits on a mat."), Embed(newer, "The cat sits on a mat."));
    }

    [Theory]
    [InlineData("{\"pooling_mode\":\"attention\"}", "attention")]
    [InlineData("{\"pooling_mode\":[\"cls\",\"median\"]}", "cls with median")]
    [InlineData("{\"pooling_mode\":[]}", "none")]
    [InlineData("{\"pooling_mode\":\"cls\",\"pooling_mode_median\":true}", "cls with median")]
    [InlineData("{\"pooling_mode_median\":true}", "median")]
    public void EmbedText_PoolingThatIsNotSupported_IsRefusedByNameByWhatPoolsOnly(string pooling, string named)
    {
        var path = Model("model", NewModules, pooling);

        using var model = PretrainedModel.FromDirectory(path);

        Assert.Equal(ModelHead.MaskedLanguageModel, model.Head);
        Assert.Contains(named, Assert.Throws<ModelFormatException>(() => new TextEmbedder(model)).Message, StringComparison.Ordinal);
        Assert.Equal(32, new TextEmbedder(model, new EmbeddingOptions { Pooling = Pooling.Mean }).Embed(["a"])[0].Length);
        using var source = ModelSource.Resolve(path);
        Assert.Contains(named, MlNetBert.Inspection.ModelInspection.Of(source).SentenceFault, StringComparison.Ordinal);
    }

    [Fact]
    public void Embed_PoolingModeBesideOlderFlags_Decides()
    {
        var both = Model("both", NewModules, """{"pooling_mode":"cls","pooling_mode_mean_tokens":true,"pooling_mode_cls_token":false}""");
        var alone = Model("alone", NewModules, """{"pooling_mode":"cls"}""");

        Assert.Equal(Embed(alone, "The cat sits on a mat."), Embed(both, "The cat sits on a mat."));
    }

    [Theory]
    [InlineData("null", false)]
    [InlineData("false", false)]
    [InlineData("true", true)]
    public void Read_IncludePrompt_NullIsNotTrueAsInPython(string said, bool pools) =>
        Assert.Equal(pools, SentenceSettings.Read(Model("prompt", NewModules, $$"""{"pooling_mode":"mean","include_prompt":{{said}}}""")).PoolsPrompt);

    [Theory]
    [InlineData("{\"pooling_mode\":3}", "neither a name nor a list of names")]
    [InlineData("[]", "Array instead of an object")]
    public void FromDirectory_PoolingThatIsMalformed_IsRefusedInWords(string pooling, string said) =>
        Assert.Contains(said, Assert.Throws<ModelFormatException>(() => PretrainedModel.FromDirectory(Model("model", NewModules, pooling))).Message, StringComparison.Ordinal);

    [Fact]
    public void Embed_DoLowerCase_LowersTheTextFirstAndIsKept()
    {
        var path = Model("lower", OldModules, """{"pooling_mode_mean_tokens":true}""", cased: true);
        var plain = Embed(path, "The Cat");
        File.WriteAllText(Path.Combine(path, ModelFiles.SentenceConfig), """{"max_seq_length":16,"do_lower_case":true}""");
        using var model = PretrainedModel.FromDirectory(path);
        var ml = new Microsoft.ML.MLContext();

        model.Save(_directory.File("saved"));
        ml.Model.Save(ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(Tiny.Rows(ml, "a")), null, _directory.File("m.zip"));
        var tokens = new TokenEmbedder(model).Embed(["THE Cat"])[0];

        var lower = new TextEmbedder(model).Embed(["the cat"])[0];
        Assert.NotEqual(plain, lower);
        Assert.Equal(lower, new TextEmbedder(model).Embed(["THE Cat"])[0]);
        Assert.Equal(lower, Embed(_directory.File("saved"), "THE Cat"));
        using var zip = ModelSource.Resolve(_directory.File("m.zip"));
        using var fromZip = zip.Open();
        Assert.Equal(lower, new TextEmbedder(fromZip).Embed(["THE Cat"])[0]);
        Assert.Equal(["the", "cat"], tokens.Tokens);
        Assert.Equal((4, 7), (tokens.Offsets[1].Start, tokens.Offsets[1].End));
        Assert.Equal(["[MASK]", "cat"], new TokenEmbedder(model).Embed(["[MASK] CAT"])[0].Tokens);
        Assert.Equal(new TextEmbedder(model).Embed(["[MASK] cat"])[0], new TextEmbedder(model).Embed(["[MASK] CAT"])[0]);
    }

    private static float[] Embed(string path, string text)
    {
        using var model = PretrainedModel.FromDirectory(path);
        return new TextEmbedder(model).Embed(text);
    }

    [Fact]
    public void Pretrain_FromSentenceTransformers_SaysThatItsSettingsAreNotKept()
    {
        var data = _directory.File("corpus.txt");
        File.WriteAllLines(data, SmallCorpus.Sentences);
        var options = new CorpusPretrainingOptions
        {
            TrainingFiles = [data],
            OutputDirectory = _directory.File("out"),
            Blocks = new BlockOptions { BlockLength = 16 },
            Training = new MlmOptions { MaxSteps = 1, BatchSize = 2, Threads = 1, Device = "cpu", Precision = Precision.Float32 },
        };
        foreach (var (path, warned) in new[] { (Model("st", NewModules, """{"pooling_mode":"mean"}"""), true), (Checkpoint.Of(_directory, "plain"), false) })
        {
            using var start = PretrainedModel.FromDirectory(path);
            MessageList told = [];
            new CorpusPretraining(options with { BaseModel = start, OutputDirectory = _directory.File("out-" + warned) }).Run(told).Model.Dispose();
            Assert.Equal(
                warned, told.Exists(
                    line => line.Contains(
                        "what it says of embedding (pooling, modules behind it, length, lower-casing, prompts) is not kept",
                        StringComparison.Ordinal)));
        }
    }

    private string Model(string name, string modules, string pooling, bool cased = false)
    {
        var path = Checkpoint.Of(_directory, name);
        if (cased)
        {
            using var model = PretrainedModel.FromDirectory(path);
            SubwordTokenizer.FromVocabulary(model.Tokenizer.Vocabulary, ((MlNetBert.Text.Tokenizers.BertWordPieceTokenizer)model.Tokenizer).Options with { LowerCase = false, StripAccents = false }).Save(path);
        }

        File.WriteAllText(Path.Combine(path, ModelFiles.SentenceModules), modules);
        Directory.CreateDirectory(Path.Combine(path, "1_Pooling"));
        File.WriteAllText(Path.Combine(path, "1_Pooling", "config.json"), pooling);
        return path;
    }
}
