using System.Text;
using MlNetBert.HuggingFace;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Inference;

/// <summary>Which of a repository's files are fetched for its weights.</summary>
public sealed class HubSnapshotTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeHub _hub = new();
    private readonly List<string> _said = [];
    private readonly string _model;

    public HubSnapshotTests() => _model = Checkpoint.Of(_directory);

    public void Dispose()
    {
        _hub.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void FromHub_SafetensorsAndAPickle_FetchesSafetensorsAlone()
    {
        Serve();
        _hub.Files[ModelFiles.PickledWeights] = [1, 2, 3];

        using var model = Open();

        Assert.Empty(_said);
        Assert.False(File.Exists(_hub.Blob(ModelFiles.PickledWeights)));
    }

    [Fact]
    public void FromHub_GenerationConfig_IsFetchedAndSavedWithTheModel()
    {
        File.WriteAllText(Path.Combine(_model, "generation_config.json"), """{"eos_token_id": [2, 3]}""");
        Serve();

        using (var model = Open())
            model.Save(_directory.File("saved"));

        Assert.Equal("""{"eos_token_id": [2, 3]}""", File.ReadAllText(Path.Combine(_directory.File("saved"), "generation_config.json")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void FromHub_PicklesAlone_FetchesThemAndSaysIt(int shards)
    {
        using var expected = PretrainedModel.FromDirectory(_model);
        TorchFile.Replace(_model, shards);
        Serve();

        using (var model = Open())
            Assert.Equal(expected.Tokenizer.Fingerprint, model.Tokenizer.Fingerprint);

        var said = Assert.Single(_said);
        Assert.Contains(
            shards == 1 ? "pytorch_model.bin was fetched" : "pytorch_model.bin.index.json was fetched", said, StringComparison.Ordinal);
        Assert.Contains("no model.safetensors", said, StringComparison.Ordinal);

        // From now on the cache is enough.
        int requests = _hub.Server.Requests.Count;
        using (var model = Open(offline: true))
            model.Save(_directory.File("saved"));
        Assert.Equal(requests, _hub.Server.Requests.Count);
        Assert.Single(_said);
        Assert.True(File.Exists(Path.Combine(_directory.File("saved"), ModelFiles.Weights)));
        Assert.Empty(Directory.EnumerateFiles(_directory.File("saved"), "*.bin*"));
    }

    [Fact]
    public void FromHub_HubThatDoesNotAnswerAnyMore_OpensThePickleOfTheCache()
    {
        TorchFile.Replace(_model);
        Serve();
        Open().Dispose();
        _hub.Override = _ => new ServerResponse(503);

        using var model = Open();

        Assert.Contains(_said, line => line.Contains("503", StringComparison.Ordinal) || line.Contains("answer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sentence_bert_config.json", false)]
    [InlineData("sentence_xlm-roberta_config.json", true)]
    public void FromHub_SettingsOfSentenceTransformers_AreFetchedByTheirOlderNamesWhereTheNewOneIsMissing(string name, bool asksForOlder)
    {
        Serve();
        _hub.Files[ModelFiles.SentenceModules] = Encoding.UTF8.GetBytes("""[{"type":"sentence_transformers.models.Transformer","path":""}]""");
        _hub.Files[name] = Encoding.UTF8.GetBytes("""{"max_seq_length":5}""");

        using var model = Open();

        Assert.Equal(5, model.Shared.Sentence.MaxLength?.Tokens);
        Assert.Equal(asksForOlder, _hub.Server.Requests.Any(request => request.Path.Contains("sentence_albert_config.json", StringComparison.Ordinal)));
    }

    [Fact]
    public void FromHub_ShardThatIsNotThere_IsNamed()
    {
        TorchFile.Replace(_model, shards: 2);
        Serve();
        _hub.Files.Remove("pytorch_model-00002-of-00002.bin");

        Assert.Contains("pytorch_model-00002-of-00002.bin", Assert.Throws<HubException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromHub_IndexThatNamesAFileOutside_IsRefused()
    {
        TorchFile.Replace(_model, shards: 2);
        Serve();
        _hub.Files[ModelFiles.PickledWeightsIndex] = """{"weight_map":{"a":"../../elsewhere.bin"}}"""u8.ToArray();

        Assert.Contains("refused", Assert.Throws<SafetensorsFormatException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromHub_PageInPlaceOfThePickle_IsRefused()
    {
        File.Delete(Path.Combine(_model, ModelFiles.Weights));
        Serve();
        _hub.Files[ModelFiles.PickledWeights] = "<!DOCTYPE html>"u8.ToArray();

        Assert.Contains("is no file of torch.save", Assert.Throws<ModelFormatException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromHub_NoWeights_NamesWhatIsRead()
    {
        File.Delete(Path.Combine(_model, ModelFiles.Weights));
        Serve();
        _hub.Files["tf_model.h5"] = [1];

        var message = Assert.Throws<HubException>(() => Open()).Message;
        foreach (var name in WeightFiles.Names)
            Assert.Contains(name, message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromHub_NothingInTheCacheOffline_NamesSafetensors()
    {
        Serve();
        _hub.Files.Remove(ModelFiles.Weights);
        Assert.Throws<HubException>(() => Open()); // the rest is in the cache now

        Assert.Contains(ModelFiles.Weights, Assert.Throws<HubException>(() => Open(offline: true)).Message, StringComparison.Ordinal);
    }

    private void Serve() => _hub.Serve(_model);

    private PretrainedModel Open(bool offline = false) =>
        PretrainedModel.FromHub(FakeHub.Repository, hubOptions: _hub.Options(offline: offline, retries: 0, token: "", listener: _said.Add));
}
