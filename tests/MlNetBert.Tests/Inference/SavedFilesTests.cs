using System.Security.Cryptography;
using System.Text;
using MlNetBert.Conversion;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Inference;

/// <summary>What is saved has every file of the model, and no file of one that was there before.</summary>
public sealed class SavedFilesTests : IDisposable
{
    private const string BytePairs = """
        {"added_tokens":[{"id":0,"content":"<s>","special":true},{"id":1,"content":"<pad>","special":true},{"id":2,"content":"</s>","special":true}],
        "normalizer":null,"post_processor":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},"decoder":{"type":"ByteLevel"},
        "model":{"type":"BPE","vocab":{"<s>":0,"<pad>":1,"</s>":2,"a":3,"b":4,"ab":5},"merges":["a b"]}}
        """;

    private const string Modules = """
        [{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"},
        {"idx":2,"name":"2","path":"2_Dense","type":"sentence_transformers.models.Dense"}]
        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Save_OverAModelWithAnotherTokenizer_OpensAgain()
    {
        var path = Checkpoint.Of(_directory);
        var tokenizer = SubwordTokenizer.FromFiles(
            name => name switch
            {
                ModelFiles.Tokenizer => new MemoryStream(Encoding.UTF8.GetBytes(BytePairs)),
                ModelFiles.TokenizerConfig => new MemoryStream("""{"pad_token":"<pad>"}"""u8.ToArray()),
                _ => null,
            },
            "byte pairs");
        using var model = PretrainedModel.Create(Tiny.Config, tokenizer, seed: 3);

        model.Save(path);
        using var again = PretrainedModel.FromDirectory(path);

        Assert.False(File.Exists(Path.Combine(path, ModelFiles.Vocabulary)));
        Assert.Equal(tokenizer.Fingerprint, again.Tokenizer.Fingerprint);
        Assert.Equal(new TextEmbedder(model).Embed(["abba"])[0], new TextEmbedder(again).Embed(["abba"])[0]);
    }

    [Fact]
    public void Save_ShardsOverOneFile_HasTheNewWeights()
    {
        var (sharded, other) = (Checkpoint.Of(_directory, "sharded"), _directory.File("other"));
        Split(sharded);
        using (var drawn = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer, seed: 3))
            drawn.Save(other);
        using var model = PretrainedModel.FromDirectory(sharded);

        model.Save(other);
        using var again = PretrainedModel.FromDirectory(other);

        Assert.False(File.Exists(Path.Combine(other, ModelFiles.Weights)));
        Assert.Equal(new TextEmbedder(model).Embed(["The cat."])[0], new TextEmbedder(again).Embed(["The cat."])[0]);
    }

    [Fact]
    public void Save_OverShards_TakesThemAwayAndLeavesWhatIsTheUsers()
    {
        var path = Checkpoint.Of(_directory);
        Split(path);
        string[] users = ["notes.txt", "README.md", "pytorch_model.bin", "training_args.bin"];
        foreach (var name in users)
            File.WriteAllText(Path.Combine(path, name), "mine");
        using var model = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer, seed: 3);

        model.Save(path);

        Assert.DoesNotContain(Names(path), name => name.Contains("-of-", StringComparison.Ordinal) || name == ModelFiles.WeightsIndex);
        Assert.All(users, name => Assert.Equal("mine", File.ReadAllText(Path.Combine(path, name))));
        using var again = PretrainedModel.FromDirectory(path);
        Assert.Equal(new TextEmbedder(model).Embed(["The cat."])[0], new TextEmbedder(again).Embed(["The cat."])[0]);
    }

    [Fact]
    public void Save_OverASentenceModel_LeavesNoneOfItsStages()
    {
        var path = Sentence("sentence");
        using var model = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer, seed: 3);

        model.Save(path);

        Assert.Equal(
            ["2_Dense/notes.md", "2_Dense/pytorch_model.bin"], Names(path).Where(name => name.Contains('/', StringComparison.Ordinal)));
        Assert.False(Directory.Exists(Path.Combine(path, "1_Pooling")));
        Assert.False(File.Exists(Path.Combine(path, ModelFiles.SentenceModules)));
    }

    [Fact]
    public void SaveConvertAndZip_SentenceModelWithStages_HaveEveryFileAndNoPickle()
    {
        var path = Sentence("sentence");
        string[] expected =
            [.. Names(path).Except(["2_Dense/pytorch_model.bin", "2_Dense/notes.md"]).Append("2_Dense/model.safetensors")
                .Order(StringComparer.Ordinal)];
        using var source = ModelSource.Resolve(path);
        using (var model = PretrainedModel.FromDirectory(path))
            model.Save(_directory.File("saved"));
        ModelConversion.Convert(source, _directory.File("converted"), cancellationToken: TestContext.Current.CancellationToken);
        ModelConversion.Convert(
            source, _directory.File("half"), SafetensorsDtype.F16, cancellationToken: TestContext.Current.CancellationToken);
        ModelConversion.Convert(source, _directory.File("m.zip"), cancellationToken: TestContext.Current.CancellationToken);
        using var zip = ModelSource.Resolve(_directory.File("m.zip"));

        foreach (var written in (string[])[_directory.File("saved"), _directory.File("converted"), _directory.File("half"),
            zip.GetDirectory(TestContext.Current.CancellationToken)])
        {
            Assert.Equal(expected, Names(written));
            foreach (var name in expected.Where(
                name => Path.GetFileName(name) != ModelFiles.Weights
                    && (name != ModelFiles.Config || !written.EndsWith("half", StringComparison.Ordinal))))
                Assert.Equal(Digest(path, name), Digest(written, name));
            using var dense = CheckpointWeights.FromFile(Path.Combine(written, "2_Dense", ModelFiles.Weights));
            Assert.Equal([1f, 2, 3, 4], dense.GetBytes("linear.weight").ToArray().Chunk(4).Select(bytes => BitConverter.ToSingle(bytes)));
        }
    }

    [Fact]
    public void Convert_OverASentenceModel_ReplacesItUnlessAStageHoldsMore()
    {
        using var source = ModelSource.Resolve(Checkpoint.Of(_directory));
        var path = Sentence("sentence");
        var message = Assert.Throws<IOException>(
            () => ModelConversion.Convert(source, path, cancellationToken: TestContext.Current.CancellationToken)).Message;
        Assert.Contains("'2_Dense/notes.md'", message, StringComparison.Ordinal);
        File.Delete(Path.Combine(path, "2_Dense", "notes.md"));

        ModelConversion.Convert(source, path, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Names(source.Name), Names(path));
    }

    [Fact]
    public void FromDirectory_ModulesThatNameAFolderOutside_IsRefused()
    {
        var path = Sentence("sentence");
        File.WriteAllText(
            Path.Combine(path, ModelFiles.SentenceModules), Modules.Replace("2_Dense", "../elsewhere", StringComparison.Ordinal));

        Assert.Contains(
            "'../elsewhere'", Assert.Throws<ModelFormatException>(() => PretrainedModel.FromDirectory(path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void FromDirectory_StageThatIsALinkOutside_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights of their own on Windows.");
        var path = Sentence("sentence");
        File.WriteAllText(_directory.File("secret.json"), "{}");
        File.Delete(Path.Combine(path, "2_Dense", ModelFiles.Config));
        File.CreateSymbolicLink(Path.Combine(path, "2_Dense", ModelFiles.Config), _directory.File("secret.json"));

        Assert.Contains(
            "leads out", Assert.Throws<ModelFormatException>(() => PretrainedModel.FromDirectory(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromHub_SentenceModel_BringsItsStages()
    {
        var path = Sentence("sentence");
        using var hub = new FakeHub();
        foreach (var name in Names(path))
            hub.Files[name] = File.ReadAllBytes(Path.Combine(path, name));

        using (var model = PretrainedModel.FromHub(FakeHub.Repository, hubOptions: hub.Options(token: "", offline: false)))
            model.Save(_directory.File("saved"));
        using (var model = PretrainedModel.FromHub(FakeHub.Repository, hubOptions: hub.Options(token: "", offline: true)))
            model.Save(_directory.File("again"));

        Assert.Contains("2_Dense/model.safetensors", Names(_directory.File("saved")));
        Assert.Contains("2_Dense/config.json", Names(_directory.File("saved")));
        Assert.Equal(Names(_directory.File("saved")), Names(_directory.File("again")));
    }

    /// <summary>In the cache a module's files are links to the blobs, too, from one folder further down.</summary>
    [Fact]
    public void ModuleOfASnapshot_LinksToItsBlobs_IsOpened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights of their own on Windows.");
        var module = Directory.CreateDirectory(_directory.File("models--o--m/snapshots/0123/2_Dense")).FullName;
        var blob = Path.Combine(Directory.CreateDirectory(_directory.File("models--o--m/blobs")).FullName, "a");
        File.WriteAllText(blob, "{}");
        File.CreateSymbolicLink(Path.Combine(module, ModelFiles.Config), blob);

        Assert.Equal(module, ModelDirectory.Open(module).DirectoryPath);
    }

    // A model as sentence-transformers saves it, with the vocabulary files of slower tokenizers beside tokenizer.json.
    private string Sentence(string name)
    {
        var path = Checkpoint.Of(_directory, name);
        Directory.CreateDirectory(Path.Combine(path, "1_Pooling"));
        Directory.CreateDirectory(Path.Combine(path, "2_Dense"));
        File.WriteAllText(Path.Combine(path, ModelFiles.SentenceModules), Modules);
        File.WriteAllText(Path.Combine(path, ModelFiles.PoolingConfig), """{"pooling_mode_mean_tokens":true}""");
        File.WriteAllText(Path.Combine(path, ModelFiles.SentencePrompts), """{"prompts":{}}""");
        File.WriteAllText(Path.Combine(path, "2_Dense", ModelFiles.Config), """{"in_features":2,"out_features":2}""");
        File.WriteAllText(Path.Combine(path, "2_Dense", "notes.md"), "mine");
        foreach (var file in (string[])[ModelFiles.PieceIds, ModelFiles.Merges, "spiece.model"])
            File.WriteAllText(Path.Combine(path, file), file);
        var weight = new SafetensorsTensor("linear.weight", SafetensorsDtype.F32, [2, 2], 0, 16);
        File.WriteAllBytes(
            Path.Combine(path, "2_Dense", ModelFiles.PickledWeights),
            TorchFile.Archive([(weight, (byte[])[.. new float[] { 1, 2, 3, 4 }.SelectMany(BitConverter.GetBytes)])]));
        return path;
    }

    private static void Split(string path) => TorchFile.Replace(
        path, "model", ".safetensors", shards: 2, (file, tensors) => SafetensorsWriter.Write(
            file, tensors.Select(entry => new TensorData(entry.Tensor.Name, entry.Tensor.Dtype, entry.Tensor.Shape, entry.Bytes))));

    private static string[] Names(string path) =>
        [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(path, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static string Digest(string path, string name) =>
        Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(path, name))));
}
