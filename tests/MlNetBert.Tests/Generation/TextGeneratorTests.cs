using MlNetBert.Generation;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Generation;

public sealed class TextGeneratorTests : IDisposable
{
    private const int End = 0; // <|endoftext|>

    private static readonly string[] Prompts = ["ab", "😸猫é 😸 ab cd", "a", "cd cd cd cd"];

    // Without tokens that begin or end texts.
    private static readonly SubwordTokenizer Words = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"]);

    private readonly TemporaryDirectory _directory = new();
    private readonly Lazy<PretrainedModel> _model;

    public TextGeneratorTests() => _model = new(() => PretrainedModel.FromDirectory(TinyCausal.Of(_directory)));

    private PretrainedModel Model => _model.Value;

    public void Dispose()
    {
        if (_model.IsValueCreated)
            _model.Value.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Generate_Greedy_TakesTheMostLikelyTokenOfTheWholePass()
    {
        var result = new TextGenerator(Model, new GenerationOptions { MaxNewTokens = 6, EndTokenIds = [] }).Generate("ab cd")[0];

        List<int> ids = [.. Model.Tokenizer.Template.Before.Select(token => token.Id), .. Model.Tokenizer.EncodeToIds("ab cd")];
        using var guard = no_grad();
        foreach (var id in result.GeneratedIds)
        {
            using var scope = NewDisposeScope();
            var logits = ((CausalLanguageModel)Model.Network).forward(tensor(ids.Select(i => (long)i).ToArray()).unsqueeze(0)).select(1, -1);
            Assert.Equal(logits.argmax(1).item<long>(), id);
            ids.Add(id);
        }

        Assert.Equal(6, result.GeneratedIds.Count);
        Assert.Equal(GenerationEnd.MaxNewTokens, result.End);
        Assert.Equal(result.GeneratedIds.Select(id => Model.Tokenizer.Vocabulary[id]), result.Tokens);
        Assert.Equal(("ab cd", Model.Tokenizer.Decode(result.GeneratedIds)), (result.Text, result.Generated));
    }

    /// <summary>A penalty counts what a text says, not what it is padded with, be that its end token.</summary>
    [Theory]
    [InlineData("mistral")]
    [InlineData("llama")]
    public void Generate_TextsTogether_GivesWhatEachGivesAlone(string modelType)
    {
        using var model = PretrainedModel.FromDirectory(TinyCausal.Of(_directory, modelType, modelType: modelType));
        var options = new GenerationOptions { MaxNewTokens = 8, RepetitionPenalty = 1.5, NoRepeatNgrams = 2, EndTokenIds = [End] };
        foreach (var generator in new[] { new TextGenerator(model, options), new TextGenerator(model, options with { Beams = 3, Results = 2 }) })
        {
            var together = generator.Generate(Prompts);

            foreach (var (prompt, results) in Prompts.Zip(together))
                Assert.Equal(generator.Generate(prompt).Select(result => result.Generated), results.Select(result => result.Generated));
        }
    }

    [Fact]
    public void Generate_Sampling_FollowsFromTheSeedWhateverTheBatch()
    {
        IReadOnlyList<string?> Sample(long seed, int? batchSize) =>
        [
            .. new TextGenerator(Model, new GenerationOptions { MaxNewTokens = 8, Temperature = 1.5, Results = 2, Seed = seed, BatchSize = batchSize })
                .Generate(Prompts).SelectMany(results => results).Select(result => result.Generated),
        ];

        var first = Sample(seed: 3, batchSize: null);

        Assert.Equal(first, Sample(seed: 3, batchSize: 1));
        Assert.NotEqual(first, Sample(seed: 4, batchSize: null));
        Assert.NotEqual(first[0], first[1]);
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(true, "a")]
    [InlineData(true, "é")]
    public void Stream_AnyText_JoinsToTheWholeWithoutTornCharacters(bool samples, string stop)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var options = new GenerationOptions { MaxNewTokens = 9, Temperature = samples ? 1 : null, Seed = seed, StopTexts = stop.Length == 0 ? [] : [stop, "zz"] };
            var generator = new TextGenerator(Model, options);

            var pieces = generator.Stream(Prompts[1]).ToList();

            Assert.Equal(generator.Generate(Prompts[1])[0].Generated, string.Concat(pieces));
            Assert.All(pieces.SkipLast(1), piece => Assert.DoesNotContain('\uFFFD', piece));
            Assert.All(pieces, Assert.NotEmpty);
        }
    }

    [Fact]
    public void Stream_NotReadToItsEnd_LeavesTheModelToOthers()
    {
        var generator = new TextGenerator(Model, new GenerationOptions { MaxNewTokens = 12, Temperature = 1 });

        Assert.Single(generator.Stream("ab").Take(1));

        Assert.NotEmpty(generator.Generate("ab")[0].GeneratedIds);
        Assert.Throws<NotSupportedException>(() => new TextGenerator(Model, new GenerationOptions { Beams = 2 }).Stream("ab"));
    }

    [Fact]
    public void Generate_StopText_EndsBeforeItAndSaysSo()
    {
        var whole = new TextGenerator(Model, new GenerationOptions { MaxNewTokens = 12, EndTokenIds = [] }).Generate(Prompts[1])[0];
        var stop = whole.Generated!.Skip(1).First(char.IsAscii).ToString();
        var place = whole.Generated!.IndexOf(stop, StringComparison.Ordinal);

        var result = new TextGenerator(Model, new GenerationOptions { MaxNewTokens = 12, EndTokenIds = [], StopTexts = ["never", stop] }).Generate(Prompts[1])[0];

        Assert.Equal(whole.Generated[..place], result.Generated);
        Assert.Equal(GenerationEnd.StopText, result.End);
        Assert.Equal(whole.GeneratedIds.Take(result.GeneratedIds.Count), result.GeneratedIds);
        Assert.Contains(stop, Model.Tokenizer.Decode(result.GeneratedIds), StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_EndTokensOfGenerationConfig_EndAtAnyOfThem()
    {
        var ids = Greedy(Model);
        var (never, third) = (Enumerable.Range(0, 200).First(id => !ids.Contains(id)), ids.First(id => ids.IndexOf(id) >= 2));
        var path = TinyCausal.Of(_directory, "ends");
        File.WriteAllText(Path.Combine(path, "generation_config.json"), $$"""{"eos_token_id": [{{never}}, {{third}}], "do_sample": true}""");
        Checkpoint.EditConfig(path, config => config["eos_token_id"] = never);
        using var model = PretrainedModel.FromDirectory(path);

        foreach (var options in new[] { new GenerationOptions(), new GenerationOptions { Beams = 2 } })
        {
            var result = new TextGenerator(model, options).Generate("ab cd")[0];
            Assert.True(options.Beams > 1 || result.End == GenerationEnd.EndToken);
            Assert.True(result.GeneratedIds.SkipLast(1).All(id => id != third && id != never));
        }

        var generator = new TextGenerator(model);
        Assert.Equal(ids[..(ids.IndexOf(third) + 1)], generator.Generate("ab cd")[0].GeneratedIds);
        Assert.Contains(generator.Notes, note => note.Contains("do_sample", StringComparison.Ordinal));
        Assert.Equal(ids[..2].TakeWhile(id => id != ids[1]).Append(ids[1]), new TextGenerator(model, new GenerationOptions { EndTokenIds = [ids[1]] }).Generate("ab cd")[0].GeneratedIds);

        model.Save(_directory.File("saved"));
        using var again = PretrainedModel.FromDirectory(_directory.File("saved"));
        Assert.Equal(generator.Generate("ab cd")[0].GeneratedIds, new TextGenerator(again).Generate("ab cd")[0].GeneratedIds);
    }

    [Fact]
    public void Notes_EndTokenOfNoFileOrOfNoUse_SayIt()
    {
        var path = TinyCausal.Of(_directory, "endless", Words);
        Checkpoint.EditConfig(path, config => config["eos_token_id"] = null);
        using (var model = PretrainedModel.FromDirectory(path))
        {
            Assert.Contains("names an end token", Assert.Single(new TextGenerator(model).Notes), StringComparison.Ordinal);
            Assert.Empty(new TextGenerator(model, new GenerationOptions { EndTokenIds = [1] }).Notes);
        }

        Checkpoint.EditConfig(path, config => config["eos_token_id"] = 50_256);
        using var beyond = PretrainedModel.FromDirectory(path);
        Assert.Contains("50256", Assert.Single(new TextGenerator(beyond).Notes), StringComparison.Ordinal);
    }

    /// <summary>What transformers' configuration classes mean by a file without the keys; null is none.</summary>
    [Theory]
    [InlineData("llama", 1, 2)]
    [InlineData("mistral", 1, 2)]
    [InlineData("falcon", 11, 11)]
    [InlineData("gpt2", null, null)] // 50,256, which is none of the model's
    [InlineData("openai-gpt", null, null)]
    public void Read_FileWithoutEndTokens_HasThoseOfTheArchitecture(string modelType, int? begin, int? end)
    {
        var path = TinyCausal.Of(_directory, modelType, modelType: modelType);
        var stated = ModelArchitecture.ReadConfig(Path.Combine(path, "config.json"));
        Checkpoint.EditConfig(path, config =>
        {
            config.Remove("bos_token_id");
            config.Remove("eos_token_id");
        });
        var config = ModelArchitecture.ReadConfig(Path.Combine(path, "config.json"));

        var files = GenerationFiles.Read(config, generation: null, path);

        Assert.Equal(begin, files.BeginningId);
        Assert.Equal(end is { } id ? [id] : [], files.EndIds);
        Assert.Equal(end is null ? null : "config.json", files.EndFile);
        Assert.Equal([7], GenerationFiles.Read(config, """{"eos_token_id": 7}"""u8.ToArray(), path).EndIds);
        Assert.Empty(GenerationFiles.Read(stated, generation: null, path).EndIds); // TinyCausal's files say null
        Assert.Null(GenerationFiles.Read(stated, generation: null, path).BeginningId);
    }

    [Theory]
    [InlineData("t5", null, 1)]
    [InlineData("bart", 0, 2)]
    public void Read_FileOfATextToTextModelWithoutEndTokens_HasThoseOfTheArchitecture(string modelType, int? begin, int end)
    {
        var json = ModelArchitecture.Get(modelType).CreateConfig(new ModelSize("test", 1, 32, 4), 100, 24, new ModelTokenIds(7, 8, 9)).ToJson();
        json.Remove("bos_token_id");
        json.Remove("eos_token_id");
        File.WriteAllText(_directory.File("config.json"), json.ToJsonString());

        var files = GenerationFiles.Read(ModelArchitecture.ReadConfig(_directory.File("config.json")), generation: null, "here");

        Assert.Equal(begin, files.BeginningId);
        Assert.Equal([end], files.EndIds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Generate_ForcedTokensInAFile_AreWrittenFirstAndLast(int beams)
    {
        var path = Saved("bart");
        File.WriteAllText(Path.Combine(path, "generation_config.json"), """{"forced_bos_token_id": 7, "forced_eos_token_id": [9], "eos_token_id": [9], "decoder_start_token_id": 5}""");
        using var model = PretrainedModel.FromDirectory(path);
        var generator = new TextGenerator(model, new GenerationOptions { MaxNewTokens = 4, Beams = beams });

        var result = generator.Generate("the cat")[0];

        Assert.Equal((7, 9), (result.GeneratedIds[0], result.GeneratedIds[^1]));
        Assert.Equal(result.GeneratedIds.Count == 4 ? GenerationEnd.MaxNewTokens : GenerationEnd.EndToken, result.End);
        Assert.Contains("begin with token 5", Assert.Single(generator.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_TextLongerThanThePositionsOfAModelThatAnswers_LosesItsLastWords()
    {
        using var trained = PretrainedModel.FromDirectory(Saved("bart"));
        var generator = new TextGenerator(trained, new GenerationOptions { MaxNewTokens = 4 });
        var words = Enumerable.Range(0, 40).Select(i => i % 3 == 0 ? "cat" : "mat").ToArray();
        var room = trained.Config.LongestSequence - trained.Tokenizer.Template.AddedCount;

        var result = generator.Generate(string.Join(' ', words))[0];

        Assert.Equal(40 - room, result.PromptTokensCut);
        Assert.Equal(generator.Generate(string.Join(' ', words[..room]))[0].GeneratedIds, result.GeneratedIds);
    }

    [Fact]
    public void Generate_LlamaWithoutEndTokenInItsFiles_EndsAtTwo()
    {
        var options = new GenerationOptions { MaxNewTokens = 12 };
        var path = TinyCausal.Of(_directory, "implied", Words);
        Checkpoint.EditConfig(path, config => config.Remove("eos_token_id"));
        using var model = PretrainedModel.FromDirectory(path);
        var generator = new TextGenerator(model, options);

        Assert.Empty(generator.Notes);
        Assert.Equal(generator.Generate("a")[0].GeneratedIds, new TextGenerator(model, options with { EndTokenIds = [2] }).Generate("a")[0].GeneratedIds);
    }

    [Theory]
    [InlineData("{\"eos_token_id\": \"x\"}")]
    [InlineData("{\"eos_token_id\": [1, -1]}")]
    [InlineData("{\"eos_token_id\": 1.5}")]
    [InlineData("[]")]
    [InlineData("{")]
    public void Constructor_MalformedGenerationConfig_NamesTheFile(string json)
    {
        var path = TinyCausal.Of(_directory, "malformed");
        File.WriteAllText(Path.Combine(path, "generation_config.json"), json);
        using var model = PretrainedModel.FromDirectory(path);

        Assert.EndsWith("generation_config.json", Assert.Throws<ModelFormatException>(() => new TextGenerator(model)).FilePath, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_PromptLongerThanThePositions_LosesItsFirstTokens()
    {
        var ids = Enumerable.Range(0, 40).Select(i => 1 + (i * 7 % 200)).ToArray();
        var generator = new TextGenerator(Model, new GenerationOptions { MaxNewTokens = 5, EndTokenIds = [] });

        var result = generator.GenerateTokens([ids])[0][0];

        Assert.Equal(40 - (TinyCausal.Positions + 1 - 5), result.PromptTokensCut);
        Assert.Equal(generator.GenerateTokens([ids[result.PromptTokensCut..]])[0][0].GeneratedIds, result.GeneratedIds);
        Assert.Equal((5, GenerationEnd.MaxNewTokens), (result.GeneratedIds.Count, result.End));
    }

    [Fact]
    public void Generate_MoreTokensThanPositions_EndsThereAndSaysSo()
    {
        var result = new TextGenerator(Model, new GenerationOptions { MaxNewTokens = 100, EndTokenIds = [] }).GenerateTokens([[5, 6, 7, 8]])[0][0];

        Assert.Equal((TinyCausal.Positions + 1 - 4, GenerationEnd.Positions, 0), (result.GeneratedIds.Count, result.End, result.PromptTokensCut));
    }

    [Fact]
    public void Generate_EmptyText_BeginsWithTheModelsTokenOrIsRefused()
    {
        var path = TinyCausal.Of(_directory, "beginning", Words);
        Checkpoint.EditConfig(path, config => config["bos_token_id"] = 5);
        using (var model = PretrainedModel.FromDirectory(path))
        {
            var generator = new TextGenerator(model, new GenerationOptions { MaxNewTokens = 3, EndTokenIds = [] });
            Assert.Equal(generator.GenerateTokens([[5]])[0][0].GeneratedIds, generator.GenerateTokens([[]])[0][0].GeneratedIds);
        }

        Checkpoint.EditConfig(path, config => config["bos_token_id"] = null);
        using var none = PretrainedModel.FromDirectory(path);
        Assert.Contains("bos_token_id", Assert.Throws<InvalidOperationException>(() => new TextGenerator(none).GenerateTokens([[]])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_NoRepeatedTokenLeft_EndsAndSaysSo()
    {
        var tokenizer = TinyCausal.Tokenizer;
        var path = TinyCausal.Of(_directory, "long", positions: tokenizer.Vocabulary.Count + 10);
        using var model = PretrainedModel.FromDirectory(path);

        var result = new TextGenerator(model, new GenerationOptions { MaxNewTokens = 1000, NoRepeatNgrams = 1, EndTokenIds = [] }).Generate("ab")[0];

        Assert.Equal(GenerationEnd.NothingAllowed, result.End);
        Assert.Equal(result.GeneratedIds.Count, result.GeneratedIds.Distinct().Count());
    }

    [Fact]
    public void Generate_BeamsBeyondMemory_AreRefusedWithNumbers()
    {
        var message = Assert.Throws<InsufficientMemoryException>(() => new TextGenerator(Model, new GenerationOptions { Beams = 500_000_000 }).Generate("ab")).Message;

        Assert.Contains("500000000", message, StringComparison.Ordinal);
        Assert.Contains("GB", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_OtherModelsAndIds_AreRefused()
    {
        using var masked = PretrainedModel.FromTransformer(Tiny.Fitted);
        Assert.Contains("BertForMaskedLM", Assert.Throws<InvalidOperationException>(() => new TextGenerator(masked)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TextGenerator(Model).GenerateTokens([[1, 100_000]]));
        Assert.Throws<InvalidOptionsException>(() => new TextGenerator(Model, new GenerationOptions { EndTokenIds = [100_000] }));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => new TextGenerator(Model).Generate("ab", source.Token));
    }

    private static List<int> Greedy(PretrainedModel model) =>
        [.. new TextGenerator(model, new GenerationOptions { EndTokenIds = [], MaxNewTokens = 12 }).Generate("ab cd")[0].GeneratedIds];

    private string Saved(string architecture)
    {
        using var backbone = Answered.Drawn(architecture);
        using var network = ModelArchitecture.Get(architecture).Create(ModelHead.SequenceToSequence, backbone.Config, seed: 4);
        var path = _directory.File(architecture);
        Weights.SaveDirectory(network, path);
        backbone.Tokenizer.Save(path);
        return path;
    }
}
