using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Embeddings;
using MlNetBert.FineTuning;
using MlNetBert.HuggingFace;
using MlNetBert.Inspection;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Embeddings;

public sealed class TextLengthTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Embed_MaxSeqLengthWithoutRoomForAText_IsRefusedByFileAndKey(int length)
    {
        var path = SentenceModel(length);
        using var model = PretrainedModel.FromDirectory(path);
        string[] said = [ModelFiles.SentenceConfig, "max_seq_length of at least 3", $"found {length},"];

        AssertSays(said, () => new TextEmbedder(model));
        AssertSays(said, () => new TokenEmbedder(model));
        using var source = ModelSource.Resolve(path);
        var inspected = ModelInspection.Of(source);
        Assert.Null(inspected.Sentence);
        Assert.All(said, part => Assert.Contains(part, inspected.SentenceFault, StringComparison.Ordinal));
        Assert.Equal(32, new TextEmbedder(model, new EmbeddingOptions { MaxLength = 3 }).Embed("a").Length);
    }

    [Fact]
    public void Embed_MaxSeqLengthOfOneTokenOfTheText_ReadsIt()
    {
        using var model = PretrainedModel.FromDirectory(SentenceModel(3));

        var embedder = new TextEmbedder(model);

        Assert.Equal(3, embedder.Settings.MaxLength);
        Assert.NotEqual(embedder.Embed("the"), embedder.Embed("cat"));
    }

    [Fact]
    public void Transform_TextsThatAreTooLong_CountsThemOnce()
    {
        var ml = new MLContext(seed: 1);
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.Message);
        using var model = PretrainedModel.FromDirectory(SentenceModel(4));
        var rows = Tiny.Rows(ml, "the cat", "the cat sits", "the cat", "the cat sits on a mat");
        using var texts = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(rows);
        using var tokens = ml.Transforms.Text.EmbedTokens("Embedding", "Text", model).Fit(rows);

        foreach (var (transformer, column) in new (ITransformer, string)[] { (texts, "Features"), (tokens, "Embedding.Vector") })
        {
            log.Clear();
            Assert.Equal(4, transformer.Transform(rows).GetColumn<float[]>(column).Count());
            Assert.Equal(4, transformer.Transform(rows).GetColumn<float[]>(column).Count());
            Assert.Single(log, line => line.Contains("2 of the rows so far have more than 4 tokens; they are cut", StringComparison.Ordinal));
        }

        log.Clear();
        using var short2 = ml.Transforms.Text.EmbedTokens("Embedding", "Text", model).Fit(rows);
        Assert.Equal(2, short2.Transform(Tiny.Rows(ml, "the cat", "cat the")).GetColumn<float[]>("Embedding.Vector").Count());
        Assert.DoesNotContain(log, line => line.Contains("cut", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Embed_ModelMaxLengthWithoutRoomForAText_IsRefusedByFileAndKey(int length)
    {
        using var model = WithModelMaxLength(length);

        AssertSays([ModelFiles.TokenizerConfig, "model_max_length of at least 3", $"found {length},"], () => new TextEmbedder(model));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void FineTuning_ModelMaxLengthWithoutRoomForAPair_IsRefusedByFileAndKey(int length, bool refused)
    {
        using var model = WithModelMaxLength(length);

        if (refused)
            AssertSays([ModelFiles.TokenizerConfig, "model_max_length of at least 5"], () => SequenceSettings.DefaultLengthOf(model));
        else
            Assert.Equal(length, SequenceSettings.DefaultLengthOf(model));
    }

    private static void AssertSays(IReadOnlyList<string> parts, Func<object> read)
    {
        var message = Assert.Throws<ModelFormatException>(read).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private string SentenceModel(int length)
    {
        var path = SentenceDirectory.Make(_directory, "sentences", [("Pooling", "1_Pooling")], """{"pooling_mode":"mean"}""");
        File.WriteAllText(Path.Combine(path, ModelFiles.SentenceConfig), $$"""{"max_seq_length":{{length}}}""");
        return path;
    }

    private PretrainedModel WithModelMaxLength(int length)
    {
        var path = Checkpoint.Of(_directory, "short");
        Checkpoint.EditConfig(path, settings => settings["model_max_length"] = length, ModelFiles.TokenizerConfig);
        return PretrainedModel.FromDirectory(path);
    }
}
