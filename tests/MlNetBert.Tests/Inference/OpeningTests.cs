using Microsoft.ML;
using MlNetBert.Embeddings;
using MlNetBert.Generation;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Inference;

/// <summary>How models are opened whose files are not whole or contradict each other.</summary>
public sealed class OpeningTests : IDisposable
{
    private const string Query = "bert.encoder.layer.0.attention.self.query.weight";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void FromDirectory_WithoutAnEncoderWeight_IsRefusedByName()
    {
        var path = Checkpoint.Of(_directory);
        Checkpoint.Remove(path, Query);

        var exception = Assert.Throws<ModelFormatException>(() => PretrainedModel.FromDirectory(path));

        Assert.Contains(Query, exception.Message, StringComparison.Ordinal);
        Assert.Contains("AllowMissing", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromDirectory_AllowMissing_IsTrainedOnAndPredictsNothing()
    {
        var path = Checkpoint.Of(_directory);
        Checkpoint.Remove(path, Query);
        var ml = new MLContext(seed: 1);

        using var model = PretrainedModel.FromDirectory(path, new PretrainedModelOptions { AllowMissing = true });

        Assert.Contains(Query, Assert.Single(model.Warnings), StringComparison.Ordinal);
        Assert.Contains(Query, Assert.Throws<InvalidOperationException>(() => new TextEmbedder(model)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new TokenEmbedder(model));
        Assert.Throws<InvalidOperationException>(() => ml.Transforms.Text.EmbedText("Features", "Text", model));
        Assert.Throws<InvalidOperationException>(() => ml.Transforms.Text.EmbedTokens("Features", "Text", model));
        Assert.Throws<InvalidOperationException>(() => new MlNetBert.FillMask.MaskFiller(model));
        using var trained = PretrainedModel.FromTransformer(ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model)
            .Append(Tiny.Group(ml)).Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model, new MlmOptions { MaxSteps = 1, Device = "cpu" })).Fit(SmallCorpus.Load(ml)));
        Assert.Empty(trained.Warnings);
        Assert.Equal(32, new TextEmbedder(trained).Embed(["The cat."])[0].Length);
    }

    [Fact]
    public void FromDirectory_TokenizerPrecedence_DecidesAndIsSaved()
    {
        var path = Checkpoint.Of(_directory);
        var configuration = Path.Combine(path, ModelFiles.TokenizerConfig);
        File.WriteAllText(configuration, File.ReadAllText(configuration).Replace("\"do_lower_case\": true", "\"do_lower_case\": false", StringComparison.Ordinal));
        Assert.Throws<TokenizerFormatException>(() => PretrainedModel.FromDirectory(path));

        using var model = PretrainedModel.FromDirectory(path, new PretrainedModelOptions { TokenizerPrecedence = TokenizerPrecedence.TokenizerConfig });
        model.Save(_directory.File("saved"));
        using var saved = PretrainedModel.FromDirectory(_directory.File("saved"));

        Assert.False(model.Tokenizer.LowersCase);
        Assert.Equal(model.Tokenizer.Fingerprint, saved.Tokenizer.Fingerprint);
        Assert.Equal(File.ReadAllBytes(Path.Combine(path, ModelFiles.Weights)), File.ReadAllBytes(Path.Combine(_directory.File("saved"), ModelFiles.Weights)));
    }

    [Theory]
    [InlineData("bart")]
    [InlineData("llama")]
    public void FromDirectory_MaskBeyondTheEmbeddings_IsWarnedOfAndTextsWithItAreRefused(string modelType)
    {
        using var model = PretrainedModel.FromDirectory(WithMaskBeyond(modelType, missing: 1));

        var (ids, generator) = (model.Tokenizer.EncodeToIds("ab cd"), new TextGenerator(model, new GenerationOptions { MaxNewTokens = 2, Device = "cpu" }));
        Assert.Contains("<gap>", Assert.Single(model.Warnings), StringComparison.Ordinal);
        Assert.Null(model.Tokenizer.SpecialTokens.MaskTokenId);
        Assert.Single(generator.Generate("ab cd"));
        Assert.Contains("'<gap>'", Assert.Throws<ArgumentException>(() => generator.Generate("ab <gap> cd")).Message, StringComparison.Ordinal);
        Assert.Contains("'<gap>'", Assert.Throws<ArgumentException>(() => model.Tokenizer.Encode("ab", "<gap>")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => generator.GenerateTokens([[.. ids, model.Config.VocabularySize]]));
    }

    [Fact]
    public void FineTunedModel_WithAMaskBeyondTheEmbeddings_IsSavedWithItAndOpensAgain()
    {
        var ml = new MLContext(seed: 1);
        using var model = PretrainedModel.FromDirectory(WithMaskBeyond("bart", missing: 1));
        var rows = ml.Data.LoadFromEnumerable([new { Source = "ab cd", Target = "cd ab" }]);
        var options = new SequenceToSequenceOptions { MaxSteps = 1, Device = "cpu", Threads = 1 };
        using (var trained = PretrainedModel.FromTransformer(ml.Transforms.Text.SequenceToSequence("Answer", model, options: options).Fit(rows)))
            trained.Save(_directory.File("saved"));

        using var saved = PretrainedModel.FromDirectory(_directory.File("saved"));

        Assert.Contains("<gap>", Assert.Single(saved.Warnings), StringComparison.Ordinal);
        Assert.Equal(model.Tokenizer.Fingerprint, saved.Tokenizer.Fingerprint);
        Assert.Contains("\"mask_token\": \"<gap>\"", File.ReadAllText(Path.Combine(_directory.File("saved"), ModelFiles.TokenizerConfig)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bart", 2)]
    [InlineData("bert", 1)]
    public void FromDirectory_OrdinaryPiecesBeyondTheEmbeddingsOrNoModelThatWrites_IsRefused(string modelType, int missing)
    {
        var exception = Assert.Throws<ModelFormatException>(() => PretrainedModel.FromDirectory(WithMaskBeyond(modelType, missing)));

        Assert.Contains("vocab_size", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Zip_TakesTheOptions()
    {
        var ml = new MLContext();
        ml.Model.Save(Tiny.Fitted, null, _directory.File("m.zip"));
        using var source = ModelSource.Resolve(_directory.File("m.zip"));

        using var model = source.Open(new PretrainedModelOptions { InvalidText = InvalidTextHandling.Replace });
        using var other = source.Open();

        Assert.Equal(InvalidTextHandling.Replace, model.Tokenizer.InvalidText);
        Assert.Equal(InvalidTextHandling.Throw, other.Tokenizer.InvalidText);
        Assert.Equal(InvalidTextHandling.Replace, source.OpenTokenizer(new PretrainedModelOptions { InvalidText = InvalidTextHandling.Replace }).InvalidText);
        model.Save(_directory.File("saved"));
        Assert.Equal(model.Tokenizer.Fingerprint, SubwordTokenizer.FromDirectory(_directory.File("saved")).Fingerprint);
    }

    [Fact]
    public void FromDirectory_OptionsThatCannotBe_AreRefusedTogether()
    {
        var options = new PretrainedModelOptions { TokenizerPrecedence = (TokenizerPrecedence)7, InvalidText = (InvalidTextHandling)7 };

        Assert.Equal(2, Assert.Throws<InvalidOptionsException>(() => PretrainedModel.FromDirectory(_directory.Path, options)).Errors.Count);
    }

    [Theory]
    [InlineData("bert", "BertForPreTraining", "bert.pooler.dense.bias", "bert.pooler.dense.weight", "cls.seq_relationship.bias", "cls.seq_relationship.weight")]
    [InlineData("albert", "AlbertForPreTraining", "albert.pooler.bias", "albert.pooler.weight", "sop_classifier.classifier.bias", "sop_classifier.classifier.weight")]
    public void Save_OfAModelForPreTraining_KeepsPoolerAndSentenceHeadThroughTraining(string architecture, string className, params string[] beside)
    {
        var path = Checkpoint.OfClass(_directory, architecture, className);
        using var model = PretrainedModel.FromDirectory(path);
        var ml = new MLContext(seed: 1);

        model.Save(_directory.File("opened"));
        var fitted = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model)
            .Append(Tiny.Group(ml)).Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model, new MlmOptions { MaxSteps = 1, Device = "cpu" })).Fit(SmallCorpus.Load(ml));
        ml.Model.Save(fitted, null, _directory.File("m.zip"));
        using var trained = PretrainedModel.FromTransformer(fitted);
        trained.Save(_directory.File("trained"));
        using var zip = ModelSource.Resolve(_directory.File("m.zip"));
        using var fromZip = zip.Open();
        fromZip.Save(_directory.File("from-zip"));

        Assert.Empty(model.Warnings);
        foreach (var saved in new[] { "opened", "trained", "from-zip" })
        {
            using var before = ModelDirectory.Open(path).OpenWeights();
            using var after = ModelDirectory.Open(_directory.File(saved)).OpenWeights();
            Assert.Equal(before.Names.Order(StringComparer.Ordinal), after.Names.Order(StringComparer.Ordinal));
            Assert.All(beside, name => Assert.Equal(before.GetBytes(name), after.GetBytes(name)));
            Assert.Contains(className, File.ReadAllText(Path.Combine(_directory.File(saved), ModelFiles.Config)), StringComparison.Ordinal);
        }

        Assert.NotEqual(File.ReadAllBytes(Path.Combine(path, ModelFiles.Weights)), File.ReadAllBytes(Path.Combine(_directory.File("trained"), ModelFiles.Weights)));
    }

    [Fact]
    public void Warnings_UnusedAndContradictingTensors_AreNamedOnce()
    {
        var path = Checkpoint.Of(_directory);
        Checkpoint.Rewrite(path, tensors =>
        {
            var all = tensors.ToList();
            var words = all.Single(tensor => tensor.Name == "bert.embeddings.word_embeddings.weight");
            return all.Append(new TensorData("mystery", SafetensorsDtype.F32, [1], new byte[4])).Append(new TensorData("cls.predictions.decoder.weight", words.Dtype, words.Shape, new byte[words.Shape[0] * words.Shape[1] * 4]));
        });
        using var model = PretrainedModel.FromDirectory(path);
        var ml = new MLContext();
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.Message);

        var rows = Tiny.Rows(ml, "the cat");
        using var first = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(rows);
        using var second = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(rows);

        Assert.Equal(2, model.Warnings.Count);
        Assert.Contains(
            "'cls.predictions.decoder.weight' with other values than the word embeddings", model.Warnings[0], StringComparison.Ordinal);
        Assert.False(model.Config.TieWordEmbeddings);
        Assert.Contains("tie_word_embeddings", model.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("mystery", model.Warnings[1], StringComparison.Ordinal);
        Assert.Single(log, line => line.Contains("mystery", StringComparison.Ordinal));
        using var source = ModelSource.Resolve(path);
        var inspected = MlNetBert.Inspection.ModelInspection.Of(source);
        Assert.Equal([model.Warnings[0]], inspected.Notes);
        Assert.Equal(["cls.predictions.decoder.weight"], inspected.Weights.Untied);
        Assert.False(inspected.Configuration.TieWordEmbeddings);
    }

    [Fact]
    public void FromDirectory_HeadWithoutOneOfItsWeights_FillsNoMasksAndSaysWhich()
    {
        var path = Checkpoint.Of(_directory);
        Checkpoint.Remove(path, "cls.predictions.bias");

        using var model = PretrainedModel.FromDirectory(path);

        Assert.Contains("cls.predictions.bias", Assert.Throws<InvalidOperationException>(() => new MlNetBert.FillMask.MaskFiller(model)).Message, StringComparison.Ordinal);
        Assert.Equal(32, new TextEmbedder(model).Embed(["The cat."])[0].Length);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    [InlineData("README.md")]
    public void FromDirectory_LinkThatLeavesTheDirectory_IsRefused(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        var path = Checkpoint.Of(_directory);
        var outside = _directory.File("outside");
        File.Move(Path.Combine(path, name), outside);
        File.CreateSymbolicLink(Path.Combine(path, name), "../outside");

        Assert.Contains("outside", Assert.ThrowsAny<ModelFormatException>(() => PretrainedModel.FromDirectory(path)).Message, StringComparison.Ordinal);
        using var source = ModelSource.Resolve(path);
        Assert.ThrowsAny<ModelFormatException>(() => MlNetBert.Conversion.ModelConversion.Convert(source, _directory.File("out")));
        Assert.ThrowsAny<ModelFormatException>(() => MlNetBert.Conversion.ModelConversion.Convert(source, _directory.File("out.zip")));
        Assert.False(Path.Exists(_directory.File("out")));
        File.Delete(Path.Combine(path, name));
        File.Copy(outside, Path.Combine(path, "inside"));
        File.CreateSymbolicLink(Path.Combine(path, name), "inside");
        PretrainedModel.FromDirectory(path).Dispose();
    }

    [Fact]
    public void FromDirectory_CardThatIsALinkToNowhere_IsDoneWithout()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        var path = Checkpoint.Of(_directory);
        File.Delete(Path.Combine(path, ModelFiles.Card));
        File.CreateSymbolicLink(Path.Combine(path, ModelFiles.Card), "nowhere");

        using var model = PretrainedModel.FromDirectory(path);
        model.Save(_directory.File("saved"));

        Assert.Null(new FileInfo(_directory.File("saved/README.md")).LinkTarget);
    }

    [Fact]
    public void FromDirectory_SnapshotOfTheHubsCache_IsOpened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        var path = Checkpoint.Of(_directory);
        var snapshot = Directory.CreateDirectory(_directory.File("models--a--b/snapshots/0123")).FullName;
        var blobs = Directory.CreateDirectory(_directory.File("models--a--b/blobs")).FullName;
        foreach (var file in Directory.EnumerateFiles(path))
        {
            File.Move(file, Path.Combine(blobs, Path.GetFileName(file) + ".blob"));
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), $"../../blobs/{Path.GetFileName(file)}.blob");
        }

        using var model = PretrainedModel.FromDirectory(snapshot);
        model.Save(_directory.File("saved"));

        Assert.Null(new FileInfo(Path.Combine(_directory.File("saved"), ModelFiles.Config)).LinkTarget);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("README.md")]
    [InlineData("tokenizer.json")]
    public void FromDirectory_NamedPipe_IsRefusedAtOnce(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks at mkfifo's pipes.");
        var path = Checkpoint.Of(_directory);
        File.Delete(Path.Combine(path, name));
        using (var made = System.Diagnostics.Process.Start("mkfifo", Path.Combine(path, name)))
            made.WaitForExit();

        Assert.Contains("named pipe", Assert.ThrowsAny<ModelFormatException>(() => PretrainedModel.FromDirectory(path)).Message, StringComparison.Ordinal);
        Assert.Contains("named pipe", Assert.Throws<ModelFormatException>(() => ModelSource.Resolve(Path.Combine(path, name))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hold_CopyOfAFile_IsGoneWithIt()
    {
        File.WriteAllText(_directory.File("a"), "text");

        using (var held = MlNetBert.Inference.HeldFile.Hold(_directory.Path, "a", copies: true))
        {
            File.Delete(_directory.File("a"));
            held.CopyTo(_directory.File("b"));
        }

        Assert.Equal("text", File.ReadAllText(_directory.File("b/a")));
    }

    /// <summary>A model with so many embeddings fewer than its tokenizer has pieces, the last of which is the mask token.</summary>
    private string WithMaskBeyond(string modelType, int missing)
    {
        var tokenizer = TinyCausal.Tokenizer.WithAddedTokens(["<gap>"]);
        var architecture = ModelArchitecture.Get(modelType);
        var config = architecture.CreateConfig(new ModelSize("test", 1, 32, 2), tokenizer.Vocabulary.Count - missing, 24, new ModelTokenIds(1, 0, 2));
        var path = _directory.File(modelType);
        using (var network = architecture.Create(modelType == "bart" ? ModelHead.SequenceToSequence : architecture.VocabularyHead, config, seed: 1))
            Weights.SaveDirectory(network, path);
        tokenizer.Save(path);
        Checkpoint.EditConfig(path, json => json["mask_token"] = "<gap>", ModelFiles.TokenizerConfig);
        return path;
    }
}
