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
        var path = Checkpoint.Of(_directory, "sentences");
        File.WriteAllText(
            Path.Combine(path, ModelFiles.SentenceModules),
            """[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"}]""");
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
