using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Conversion;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Tokenization;

namespace MlNetBert.Tests.Tokenization;

/// <summary>What a tokenizer does, whichever way it is saved: its fingerprint, its handling of invalid text and the members of its files that have no meaning here.</summary>
public sealed class TokenizerStateTests : IDisposable
{
    private const string Broken = "cut \ud83d";
    private static readonly string[] Texts = ["COVID", "covid", "Covidland a cat", "the Cat [MASK]", "avó"];

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryDirectory _directory = new();
    private readonly SubwordTokenizer _tokenizer;

    public TokenizerStateTests() => _tokenizer = Odd(_directory.File("odd"));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void TokenizingTransformer_SavedAndLoaded_IsTheSame()
    {
        var rows = Rows();
        var fitted = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", _tokenizer).Fit(rows);

        var loaded = Tiny.Reload<ITransformer>(_ml, fitted, rows.Schema);

        RequireSame(Assert.IsType<SubwordTokenizingTransformer>(loaded).Tokenizer);
        Assert.Equal(fitted.Transform(rows).GetColumn<uint[]>("Tokens"), loaded.Transform(rows).GetColumn<uint[]>("Tokens"));
    }

    [Fact]
    public void TokenColumn_PassedOn_TellsTheWholeTokenizer()
    {
        var rows = Rows();
        var grouped = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", _tokenizer).Append(Tiny.Group(_ml)).Fit(rows).Transform(rows);
        using (var stream = File.Create(_directory.File("tokens.idv")))
            _ml.Data.SaveAsBinary(grouped, stream);
        var blocks = _ml.Data.GroupTokenBlocks(grouped, "Tokens", blockLength: Tiny.BlockLength);

        foreach (var view in new[] { grouped, _ml.Data.LoadFromBinary(_directory.File("tokens.idv")), blocks })
            RequireSame(TokenColumn.RequireTokenizer(view.Schema["Tokens"]));
    }

    [Fact]
    public void AnyTokenizer_ThroughColumnsAndZips_IsTheSame() => Gen.Select(RandomTokenizers.Files, RandomTokenizers.Text.Array[1, 6]).Sample(
        (files, texts) =>
        {
            var tokenizer = RandomTokenizers.Open(files);
            var rows = Tiny.Rows(_ml, texts);
            var fitted = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer).Fit(rows);
            var tokens = fitted.Transform(rows);
            using var stream = new MemoryStream();
            _ml.Data.SaveAsBinary(tokens, stream);
            File.WriteAllBytes(_directory.File("tokens.idv"), stream.ToArray());
            var loaded = Tiny.Reload<SubwordTokenizingTransformer>(_ml, fitted, rows.Schema);

            foreach (var other in new[] { TokenColumn.RequireTokenizer(tokens.Schema["Tokens"]), TokenColumn.RequireTokenizer(_ml.Data.LoadFromBinary(_directory.File("tokens.idv")).Schema["Tokens"]), loaded.Tokenizer })
            {
                Assert.Equal(tokenizer.Fingerprint, other.Fingerprint);
                Assert.Equal(tokenizer.ToFiles().Select(file => Convert.ToHexString(file.Value)), other.ToFiles().Select(file => Convert.ToHexString(file.Value)));
            }

            var ids = texts.Select(text => tokenizer.EncodeToIds(text)).ToList();
            Assert.Equal(ids, tokens.GetColumn<uint[]>("Tokens").Select(keys => keys.Select(key => (int)key - 1)));
            Assert.Equal(ids, loaded.Transform(rows).GetColumn<uint[]>("Tokens").Select(keys => keys.Select(key => (int)key - 1)));
            var pieces = _ml.Transforms.Conversion.MapKeyToValue("Pieces", "Tokens").Fit(tokens).Transform(tokens).GetColumn<ReadOnlyMemory<char>[]>("Pieces");
            Assert.Equal(ids.Select(row => row.Select(id => tokenizer.Vocabulary[id])), pieces.Select(row => row.Select(piece => piece.ToString())));
        },
        iter: 60,
        threads: 1);

    [Fact]
    public void RequireTokenizer_OfColumnsOfOneTokenizer_ReadsItOnce()
    {
        var rows = Tiny.Rows(_ml, Texts);
        var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", _tokenizer).Fit(rows).Transform(rows);
        var other = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", _tokenizer.With(maxLength: 9)).Fit(rows).Transform(rows);

        var read = TokenColumn.RequireTokenizer(tokens.Schema["Tokens"]);

        Assert.Same(read, TokenColumn.RequireTokenizer(_ml.Transforms.CopyColumns("Copy", "Tokens").Fit(tokens).Transform(tokens).Schema["Copy"]));
        Assert.Equal(9, TokenColumn.RequireTokenizer(other.Schema["Tokens"]).MaxLength);
    }

    [Fact]
    public void PretrainedModel_TrainedFromNothing_KeepsItsTokenizerInEverySave()
    {
        var rows = Rows();
        var fitted = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", _tokenizer).Append(Tiny.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options())).Fit(rows);

        using var model = PretrainedModel.FromTransformer(fitted);
        RequireSame(model.Tokenizer);
        model.Save(_directory.File("saved"));
        RequireSame(SubwordTokenizer.FromDirectory(_directory.File("saved")));
        using var opened = PretrainedModel.FromDirectory(_directory.File("saved"));
        RequireSame(opened.Tokenizer);
        _ml.Model.Save(fitted, rows.Schema, _directory.File("model.zip"));
        using var loaded = PretrainedModel.FromTransformer(_ml.Model.Load(_directory.File("model.zip"), out _));
        RequireSame(loaded.Tokenizer);
        RequireSame(Opened(_directory.File("model.zip")));
        ModelConversion.Convert(ModelSource.Resolve(_directory.File("saved")), _directory.File("converted.zip"));
        RequireSame(Opened(_directory.File("converted.zip")));
        ModelConversion.Convert(ModelSource.Resolve(_directory.File("model.zip")), _directory.File("converted"));
        RequireSame(Opened(_directory.File("converted")));

        var further = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", opened.Tokenizer).Append(Tiny.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", opened, Tiny.Options() with { Config = null })).Fit(rows);
        using var continued = PretrainedModel.FromTransformer(further);
        RequireSame(continued.Tokenizer);
        var tuned = Labeled.Pipeline(_ml, opened, Labeled.Options(1)).Fit(Labeled.Load(_ml));
        using var classifier = PretrainedModel.FromTransformer(tuned);
        RequireSame(classifier.Tokenizer);
        using var reloaded = PretrainedModel.FromTransformer(Tiny.Reload<ITransformer>(_ml, tuned, Labeled.Load(_ml).Schema));
        RequireSame(reloaded.Tokenizer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PretrainedModel_OfAnOldDirectory_KeepsItsAddedTokens(bool replaces)
    {
        var rows = Tiny.Rows(_ml, Texts);
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        model.Save(_directory.File("old"));
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json" })
            File.Delete(_directory.File("old/" + name));
        File.WriteAllText(_directory.File("old/added_tokens.json"), $$"""{"Some Company": {{model.Tokenizer.Vocabulary.Count}}}""");
        var options = replaces ? new PretrainedModelOptions { InvalidText = InvalidTextHandling.Replace } : null;

        using var opened = PretrainedModel.FromDirectory(_directory.File("old"), options);
        Assert.Equal([model.Tokenizer.Vocabulary.Count], opened.Tokenizer.EncodeToIds("SOME company"));
        opened.Save(_directory.File("saved"));
        var fitted = _ml.Transforms.Text.EmbedText("Features", "Text", opened).Fit(rows);
        _ml.Model.Save(fitted, rows.Schema, _directory.File("model.zip"));
        ModelConversion.Convert(ModelSource.Resolve(_directory.File("saved")), _directory.File("converted.zip"));
        ModelConversion.Convert(ModelSource.Resolve(_directory.File("model.zip")), _directory.File("converted"));

        foreach (var name in new[] { "saved", "model.zip", "converted.zip", "converted" })
        {
            var tokenizer = Opened(_directory.File(name));
            Assert.Equal(opened.Tokenizer.Fingerprint, tokenizer.Fingerprint);
            Assert.Equal(opened.Tokenizer.InvalidText, tokenizer.InvalidText);
        }

        using var loaded = PretrainedModel.FromTransformer(_ml.Model.Load(_directory.File("model.zip"), out _));
        Assert.Equal(opened.Tokenizer.Fingerprint, loaded.Tokenizer.Fingerprint);
        Assert.Equal(replaces ? InvalidTextHandling.Replace : InvalidTextHandling.Throw, loaded.Tokenizer.InvalidText);
    }

    [Fact]
    public void FromDirectory_TemplateWithTypesThatTheModelLacks_IsRefused()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        model.Save(_directory.File("typed"));
        Edit(_directory.File("typed/tokenizer.json"), json => json["post_processor"]!["pair"]![3]!["Sequence"]!["type_id"] = 2);

        Assert.Contains("type_vocab_size", Assert.Throws<ModelFormatException>(() => PretrainedModel.FromDirectory(_directory.File("typed"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CorpusPretraining_LearntHere_KeepsItsHandlingOfInvalidText()
    {
        File.WriteAllLines(_directory.File("corpus.txt"), SmallCorpus.Sentences);
        var options = new CorpusPretrainingOptions
        {
            TrainingFiles = [_directory.File("corpus.txt")],
            OutputDirectory = _directory.File("run"),
            Vocabulary = new WordPieceTokenizingOptions { VocabularySize = 150, InvalidText = InvalidTextHandling.Replace },
            Blocks = new BlockOptions { BlockLength = Tiny.BlockLength },
            Training = Tiny.Options(),
        };

        var (model, _) = new CorpusPretraining(options).Run();
        using (model)
        {
            Assert.Equal(InvalidTextHandling.Replace, model.Tokenizer.InvalidText);
            Assert.Equal(model.Tokenizer.ToFiles()["tokenizer_config.json"], Opened(_directory.File("run")).ToFiles()["tokenizer_config.json"]);
        }
    }

    [Fact]
    public void CorpusPretraining_FromAModel_KeepsItsTokenizer()
    {
        var rows = Rows();
        var fitted = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", _tokenizer).Append(Tiny.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options())).Fit(rows);
        using var start = PretrainedModel.FromTransformer(fitted);
        File.WriteAllLines(_directory.File("corpus.txt"), SmallCorpus.Sentences);

        var (model, _) = new CorpusPretraining(new CorpusPretrainingOptions
        {
            TrainingFiles = [_directory.File("corpus.txt")],
            OutputDirectory = _directory.File("run"),
            BaseModel = start,
            Blocks = new BlockOptions { BlockLength = Tiny.BlockLength },
            Training = Tiny.Options() with { Config = null },
        }).Run();

        using (model)
            RequireSame(model.Tokenizer);
        RequireSame(Opened(_directory.File("run")));
        RequireSame(Opened(Directory.GetDirectories(_directory.File("run/checkpoints")).Max(StringComparer.Ordinal)!));
    }

    [Fact]
    public void Load_OfAnEarlierBuild_IsTheSameTokenizer()
    {
        var loaded = _ml.Model.Load(Earlier("tokenizer-1.zip"), out _);
        var view = _ml.Data.LoadFromBinary(Earlier("tokens-1.idv"));

        foreach (var tokenizer in new[] { Assert.IsType<SubwordTokenizingTransformer>(loaded).Tokenizer,
            TokenColumn.RequireTokenizer(view.Schema["Tokens"]) })
        {
            Assert.Equal([5, 6, 7], tokenizer.EncodeToIds("The cats"));
            Assert.False(tokenizer.StripsAccents);
            Assert.Equal(32, tokenizer.MaxLength);
        }
    }

    [Fact]
    public void Load_OfAnEarlierBuildWithAddedTokens_IsRefused()
    {
        Exception? exception = Assert.ThrowsAny<Exception>(() => _ml.Model.Load(Earlier("added-token-1.zip"), out _));
        while (exception is not (null or ModelFormatException))
            exception = exception.InnerException;

        Assert.Contains("'cat'", exception?.Message, StringComparison.Ordinal);
    }

    private static string Earlier(string name) => Path.Combine(AppContext.BaseDirectory, "Tokenization", "Earlier", name);

    private static SubwordTokenizer Opened(string path)
    {
        using var source = ModelSource.Resolve(path);
        return source.OpenTokenizer();
    }

    /// <summary>A tokenizer with much that options alone do not hold.</summary>
    private static SubwordTokenizer Odd(string directory)
    {
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "<mask>", "the", "cat", "co", "##vid", "##land", "a", "av", "##ó"];
        SubwordTokenizer.FromVocabulary(pieces, new WordPieceTokenizerOptions { StripAccents = false, MaskToken = "<mask>", InvalidText = InvalidTextHandling.Replace }).Save(directory);
        Edit(Path.Combine(directory, "tokenizer.json"), json =>
        {
            json["padding"] = JsonNode.Parse("""{"strategy":"BatchLongest","direction":"Left","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"}""");
            json["added_tokens"]!.AsArray().Add(JsonNode.Parse(
                """{"id":13,"content":"covid","single_word":true,"lstrip":false,"rstrip":false,"normalized":false,"special":false}"""));
        });
        Edit(Path.Combine(directory, "tokenizer_config.json"), json =>
        {
            json["padding_side"] = "left";
            json["made_by"] = new JsonObject { ["who"] = "us" };
        });
        return SubwordTokenizer.FromDirectory(directory);
    }

    private static void Edit(string path, Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        edit(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    private IDataView Rows() => Tiny.Rows(_ml, [.. Enumerable.Range(0, 8).SelectMany(_ => Texts), Broken]);

    private void RequireSame(SubwordTokenizer other)
    {
        Assert.Equal(_tokenizer.Fingerprint, other.Fingerprint);
        foreach (var text in Texts.Append(Broken))
        {
            Assert.Equal(_tokenizer.Encode(text, "a cat").Ids, other.Encode(text, "a cat").Ids);
            Assert.Equal(_tokenizer.Encode(text).Offsets, other.Encode(text).Offsets);
        }

        var (expected, found) = (_tokenizer.ToFiles(), other.ToFiles());
        Assert.Equal(expected["tokenizer.json"], found["tokenizer.json"]);
        var configuration = JsonNode.Parse(expected["tokenizer_config.json"])!.AsObject();
        var foundConfiguration = JsonNode.Parse(found["tokenizer_config.json"])!.AsObject();
        foreach (var json in new[] { configuration, foundConfiguration })
            json.Remove("model_max_length"); // training gives it where there is none
        Assert.Equal(configuration.ToJsonString(), foundConfiguration.ToJsonString());
    }
}
