using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models.Bert;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining;

public class BadInputTests
{
    private readonly MLContext _ml = new(seed: 10);

    [Fact]
    public void PretrainMlm_ImpossibleOptions_ListsThemAll()
    {
        var options = new MlmOptions
        {
            MaskProbability = 1.5,
            MaskReplaceProbability = -1,
            RandomReplaceProbability = double.NaN,
            EvaluationFraction = 1,
            Prediction = new FillMaskOptions { TopK = 0, CandidateWords = [" "], Device = "tpu", BatchSize = 0 },
            Size = "huge",
            Architecture = "gpt",
            MaxPositions = 1,
            Epochs = 0,
        };

        var exception = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options));

        string[] names = ["MaskProbability", "MaskReplaceProbability", "RandomReplaceProbability", "EvaluationFraction", "TopK", "Size", "Architecture", "MaxPositions", "CandidateWords", "Device", "BatchSize", "Epochs"];
        Assert.Equal(names.Order(), exception.Errors.Select(f => f.Split(' ')[0]).Order());
    }

    [Fact]
    public void PretrainMlm_OptionsThatWouldBeIgnored_AreRefused()
    {
        using var start = PretrainedModel.FromTransformer(Tiny.Fitted);

        Refused(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", start, new MlmOptions { Size = "base", Architecture = "bert", MaxPositions = 9 }), "Size", "Architecture", "MaxPositions");
        Refused(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", start, new MlmOptions { Config = Tiny.Config }), "Config");
        Refused(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { Config = Tiny.Config, Size = "tiny" }), "Size");
        Refused(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { RestoreBestWeights = true, Patience = 2 }), "RestoreBestWeights", "Patience");
        Refused(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { TimeBudget = TimeSpan.FromHours(1), WarmupSteps = 100 }), "WarmupSteps");
        Refused(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { TimeBudget = TimeSpan.FromHours(1), FinalMaskProbability = 0.15 }), "FinalMaskProbability");
        _ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { TimeBudget = TimeSpan.FromHours(1), MaxSteps = 10, FinalMaskProbability = 0.15 });
        Refused(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { Masking = (MaskingUnit)9, FinalMaskProbability = 2 }), "Masking", "FinalMaskProbability");
    }

    [Fact]
    public void PretrainMlm_ConfigurationThatCannotBe_IsRefused() =>
        Refused(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { Config = (BertConfig)Tiny.Config with { HeadCount = 3 } }), "Config");

    [Fact]
    public void Fit_CorpusShorterThanABlock_NamesColumnAndRemedy()
    {
        var exception = Assert.Throws<InvalidDataException>(() => Fit(Tiny.Rows(_ml, "the cat"), Tiny.Options()));

        Assert.Contains("'Tokens'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("16 tokens", exception.Message, StringComparison.Ordinal);
        Assert.Contains("BlockOptions.BlockLength", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_EmptyCorpus_IsRefused()
    {
        var none = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer).Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainMlm("P", "Tokens", Tiny.Options()));

        Assert.Throws<InvalidDataException>(() => none.Fit(Tiny.Rows(_ml)));
        Assert.Throws<InvalidDataException>(() => none.Fit(Tiny.Rows(_ml, "", "")));
    }

    [Fact]
    public void Fit_BlockLongerThanACheckpointsPositions_IsRefusedBeforeTraining()
    {
        using var start = PretrainedModel.FromTransformer(Tiny.Fitted);
        var pipeline = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", start)
            .Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 25)).Append(_ml.Transforms.Text.PretrainMlm("P", "Tokens", start));

        var exception = Assert.Throws<InvalidOptionsException>(() => pipeline.Fit(SmallCorpus.Load(_ml)));

        Assert.Contains("blockLength", exception.Message, StringComparison.Ordinal);
        Assert.Contains("25", exception.Message, StringComparison.Ordinal);
        Assert.Contains("24 positions", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tpu")]
    [InlineData("cuda:99")]
    [InlineData("cuda:-1")]
    public void Fit_UnknownDevice_IsNamed(string device)
    {
        var options = new MlmOptions { Config = Tiny.Config, MaxSteps = 1, Device = device };

        Assert.Contains(device, Assert.Throws<InvalidOptionsException>(() => Fit(SmallCorpus.Load(_ml), options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_VocabularyLargerThanTheConfiguration_IsNamed()
    {
        var options = new MlmOptions { Config = (BertConfig)Tiny.Config with { VocabularySize = 20 }, MaxSteps = 1 };

        Assert.Contains("VocabularySize", Assert.Throws<InvalidOptionsException>(() => Fit(SmallCorpus.Load(_ml), options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NullArguments_AreNamed()
    {
        Assert.Throws<ArgumentNullException>(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", (PretrainedModel)null!));
        Assert.Throws<ArgumentNullException>(() => _ml.Transforms.Text.EmbedText("F", "Text", null!));
        Assert.Throws<ArgumentNullException>(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", Tiny.Options()).Fit(null!));
        Assert.Throws<ArgumentNullException>(() => Tiny.Group(_ml).GetOutputSchema(null!));
        Assert.Throws<ArgumentNullException>(() => _ml.Data.GroupTokenBlocks(null!, "Tokens"));
        Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Text.TokenizeIntoWordPieces(""));
        Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadFromTextLines("/no/such/file"));
    }

    [Fact]
    public void Fit_CancelledByItsTokenOrByTheHost_Throws()
    {
        using var source = new CancellationTokenSource();
        var options = new MlmOptions { Config = Tiny.Config, CancellationToken = source.Token, LogEveryNSteps = 1, Progress = AtALog(source.Cancel) };
        Assert.ThrowsAny<OperationCanceledException>(() => Fit(SmallCorpus.Load(_ml), options));

        var host = new MLContext(seed: 1);
        var stopping = new MlmOptions { Config = Tiny.Config, LogEveryNSteps = 1, Progress = AtALog(host.CancelExecution) };
        var pipeline = Tiny.Tokens(host).Append(Tiny.Group(host)).Append(host.Transforms.Text.PretrainMlm("P", "Tokens", stopping));
        Assert.ThrowsAny<OperationCanceledException>(() => pipeline.Fit(SmallCorpus.Load(host)));
    }

    [Fact]
    public void Fit_CancelledToReturn_GivesATransformer()
    {
        using var source = new CancellationTokenSource();
        var options = new MlmOptions
        {
            Config = Tiny.Config,
            CancellationToken = source.Token,
            LogEveryNSteps = 1,
            Progress = AtALog(source.Cancel),
            CancellationBehavior = CancellationBehavior.ReturnPartialModel,
        };

        Assert.Equal(1, Fit(SmallCorpus.Load(_ml), options).LastTransformer.History[^1].Step);
    }

    [Theory]
    [InlineData("history.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("model.safetensors")]
    [InlineData("manifest.txt")]
    public void Load_ZipWithADamagedEntry_SaysWhich(string name)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("m.zip");
        _ml.Model.Save(Tiny.Fitted, null, path);
        Damage(path, name);

        // ML.NET's loader wraps it, and it may hold what the file's reader said.
        Exception? exception = Assert.ThrowsAny<Exception>(() => _ml.Model.Load(path, out _));
        while (exception is not (null or ModelFormatException))
            exception = exception.InnerException;
        Assert.NotNull(exception);
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadFromTextLines_GivesLinesAsTheyAre()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("lines.txt"), "a\tb\n\n\"quoted\" c\n");
        var view = _ml.Data.LoadFromTextLines(directory.File("lines.txt"));

        Assert.Equal(["a\tb", "", "\"quoted\" c"], view.GetColumn<string>("Text"));
        Assert.Equal(["a\tb", "", "\"quoted\" c"], view.GetColumn<string>("Text"));
    }

    [Fact]
    public void LoadFromTextLines_OtherEncodings_AreReadByMarkOrAsDeclaredOrRefused()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("lines.txt");
        var log = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => log.Add(e.Message);
        File.WriteAllText(path, "ação\nb", System.Text.Encoding.Unicode);
        Assert.Equal(["ação", "b"], ml.Data.LoadFromTextLines(path).GetColumn<string>("Text"));
        File.WriteAllBytes(path, System.Text.Encoding.Latin1.GetBytes("ação\nb"));
        Assert.Equal(["ação", "b"], ml.Data.LoadFromTextLines(path, "latin1").GetColumn<string>("Text"));
        Assert.Contains("line 1", Assert.ThrowsAny<Exception>(() => ml.Data.LoadFromTextLines(path).GetColumn<string>("Text").ToList()).ToString(), StringComparison.Ordinal);
        var refused = Assert.Throws<CorpusException>(() => ml.Data.LoadFromTextLines(path).GetColumn<string>("Text").ToList());
        Assert.Contains("(encoding, such as windows-1252)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("set invalidUtf8 to InvalidUtf8Handling.Replace", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CorpusOptions", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["a\uFFFD\uFFFDo", "b"], ml.Data.LoadFromTextLines(path, invalidUtf8: InvalidUtf8Handling.Replace).GetColumn<string>("Text"));
        Assert.Contains(log, message => message.Contains("2 broken UTF-8 sequences", StringComparison.Ordinal));
        Assert.Throws<InvalidOptionsException>(() => ml.Data.LoadFromTextLines(path, "latin-9000"));
        Assert.Throws<CorpusException>(() => ml.Data.LoadFromTextLines(directory.Path));
    }

    private static void Refused(Action action, params string[] names) =>
        Assert.Equal(names, Assert.Throws<InvalidOptionsException>(action).Errors.Select(f => f.Split(' ')[0]));

    private static void Damage(string path, string name)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Update);
        var entry = zip.Entries.First(e => e.FullName.EndsWith(name, StringComparison.Ordinal));
        var full = entry.FullName;
        entry.Delete();
        using var stream = zip.CreateEntry(full).Open();
        stream.Write("{ not what it was"u8);
    }

    private TransformerChain<FillMaskTransformer> Fit(IDataView data, MlmOptions options) =>
        Tiny.Tokens(_ml).Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options)).Fit(data);

    private static Listener AtALog(Action action) => new(e =>
    {
        if (e.Kind == TrainingProgressKind.Log)
            action();
    });
}
