using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Inference;

public sealed class PretrainedModelTests : IDisposable
{
    private const string Question = "The [MASK] sits near the mat.";

    private readonly MLContext _ml = new(seed: 6);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void SaveAndFromDirectory_GiveTheSameModelByteForByte()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        model.Save(_directory.File("a"));
        using var opened = PretrainedModel.FromDirectory(_directory.File("a"));
        opened.Save(_directory.File("b"));

        Assert.Equal(ModelHead.MaskedLanguageModel, opened.Head);
        Assert.Empty(opened.LoadReport!.MissingKeys);
        Assert.Empty(opened.LoadReport.UnexpectedKeys);
        Assert.Equal(model.Tokenizer.Fingerprint, opened.Tokenizer.Fingerprint);
        var files = Files(_directory.File("a"));
        Assert.Contains("model.safetensors", files.Keys);
        Assert.Equal(files, Files(_directory.File("b")));
        Assert.Equal(Fill(model), Fill(opened));
    }

    [Fact]
    public void Create_SameSeed_DrawsTheSameWeightsWithoutATrainedHead()
    {
        using var first = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer, seed: 3);
        using var second = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer, seed: 3);
        using var other = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer, seed: 4);

        Assert.Equal(ModelHead.Encoder, first.Head);
        Assert.Equal(Embed(first), Embed(second));
        Assert.NotEqual(Embed(first), Embed(other));

        static float[] Embed(PretrainedModel model) => new MlNetBert.Embeddings.TextEmbedder(model).Embed(["The cat sits."])[0];
    }

    [Fact]
    public void Create_ConfigurationOfFewerPieces_IsRefused() =>
        Assert.Throws<InvalidOptionsException>(() => PretrainedModel.Create(Tiny.Config with { VocabularySize = 8 }, Tiny.Tokenizer));

    [Fact]
    public void Zip_HoldsTheSameDirectory()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        model.Save(_directory.File("a"));
        _ml.Model.Save(Tiny.Fitted, null, _directory.File("m.zip"));

        using var zip = ZipFile.OpenRead(_directory.File("m.zip"));
        foreach (var (name, digest) in Files(_directory.File("a")))
        {
            using var stream = zip.Entries.Single(e => e.FullName.EndsWith("/files/" + name, StringComparison.Ordinal)).Open();
            Assert.Equal(digest, Digest(stream));
        }
    }

    [Fact]
    public void Save_AfterItsDirectoryIsGone_StillWritesIt()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        model.Save(_directory.File("a"));
        var files = Files(_directory.File("a"));
        using var opened = PretrainedModel.FromDirectory(_directory.File("a"));
        Directory.Delete(_directory.File("a"), recursive: true);

        opened.Save(_directory.File("b"));

        Assert.Equal(files, Files(_directory.File("b")));
    }

    [Fact]
    public void Dispose_OfTheHandle_LeavesItsTransformersWhole()
    {
        var model = Open();
        using var embedding = _ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(SmallCorpus.Load(_ml));
        model.Dispose();
        model.Dispose();

        Assert.Equal(32, embedding.Transform(Tiny.Rows(_ml, "the cat")).GetColumn<float[]>("Features").Single().Length);
        Assert.Throws<ObjectDisposedException>(() => model.Tokenizer);
        Assert.Throws<ObjectDisposedException>(() => _ml.Transforms.Text.EmbedText("Features", "Text", model));
    }

    [Fact]
    public void FitTransformSaveLoadDispose_LeavesNoTensor()
    {
        Whole();
        var before = LiveTensors.CountSettled();
        Whole();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Share_AndDisposeFromManyThreads_NeverFreesALeasedModel()
    {
        for (var round = 0; round < 20; round++)
        {
            var first = Open();
            var failures = 0;
            Parallel.For(0, 8, i =>
            {
                if (i == 0)
                {
                    first.Dispose();
                    return;
                }

                try
                {
                    using var mine = first.Share();
                    if (Fill(mine).Length == 0)
                        Interlocked.Increment(ref failures);
                }
                catch (ObjectDisposedException e) when (e.ObjectName.Contains(nameof(PretrainedModel), StringComparison.Ordinal))
                {
                    // Too late for a lease: told so, and nothing was touched.
                }
            });
            Assert.Equal(0, failures);
        }
    }

    [Fact]
    public void From_ChainWithoutAModel_SaysWhatIsMissing()
    {
        var tokens = Tiny.Learn(_ml).Fit(SmallCorpus.Load(_ml));

        Assert.Contains("FillMask", Assert.Throws<ArgumentException>(() => PretrainedModel.FromTransformer(tokens)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromDirectory_WithAnotherModelsTokenizer_IsRefused()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        model.Save(_directory.File("a"));
        var vocabulary = model.Tokenizer.Vocabulary.Concat(Enumerable.Range(0, 300).Select(i => "extra" + i));
        SubwordTokenizer.FromVocabulary(vocabulary, ((Text.Tokenizers.BertWordPieceTokenizer)model.Tokenizer).Options).Save(_directory.File("a"));

        Assert.Contains("another model's", Assert.ThrowsAny<ModelFormatException>(() => PretrainedModel.FromDirectory(_directory.File("a"))).Message, StringComparison.Ordinal);
    }

    private PretrainedModel Open()
    {
        if (!Directory.Exists(_directory.File("shared")))
        {
            using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
            model.Save(_directory.File("shared"));
        }

        return PretrainedModel.FromDirectory(_directory.File("shared"));
    }

    private void Whole()
    {
        using var fitted = Tiny.Tokens(_ml).Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options(evaluationShare: 0.2))).Fit(SmallCorpus.Load(_ml));
        Tiny.Fill(_ml, fitted, Question);
        _ml.Model.Save(fitted, null, _directory.File("whole.zip"));
        using var loaded = (TransformerChain<ITransformer>)_ml.Model.Load(_directory.File("whole.zip"), out _);
        Tiny.Fill(_ml, loaded, Question);
        using var model = PretrainedModel.FromTransformer(loaded);
        using var embedding = _ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(SmallCorpus.Load(_ml));
        _ = embedding.Transform(SmallCorpus.Load(_ml)).GetColumn<float[]>("Features").Count();
    }

    private static string Fill(PretrainedModel model) =>
        string.Join(' ', new MlNetBert.FillMask.MaskFiller(model).Fill([Question])[0].Candidates[0]);

    private static Dictionary<string, string> Files(string directory) => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).ToDictionary(
        path => Path.GetRelativePath(directory, path),
        path =>
        {
            using var stream = File.OpenRead(path);
            return Digest(stream);
        });

    private static string Digest(Stream stream) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(stream));
}
