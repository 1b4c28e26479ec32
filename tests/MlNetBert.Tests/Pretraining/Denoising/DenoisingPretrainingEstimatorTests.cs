using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Evaluation;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining.Denoising;

public class DenoisingPretrainingEstimatorTests
{
    private const DenoisingCorruption Spans = DenoisingCorruption.SpanCorruption;
    private const DenoisingCorruption Infilling = DenoisingCorruption.TextInfilling;

    private const string Animals = "(cat|dog|fox|bird|horse|mouse)";
    private const string Verbs = "(sits|sleeps|runs|eats)";
    private const string Places = "(mat|roof|field|house|river)";

    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData(Spans)]
    [InlineData(Infilling)]
    public void Fit_SmallCorpus_RestoresGapsWithWhatFits(DenoisingCorruption corruption)
    {
        var transformer = TinyDenoising.Fitted(corruption).LastTransformer;
        var first = transformer.History.First(row => row.EvaluationPerplexity is not null).EvaluationPerplexity;

        var rows = TinyDenoising.Read(_ml, TinyDenoising.Fitted(corruption), "The cat [MASK] near the roof.", "The [MASK] sleeps near the mat.");

        Assert.True(transformer.Evaluation!.Perplexity < first / 4, $"{transformer.Evaluation.Perplexity} after {first}");
        // A model of text infilling writes the whole text, and copies what it sees only after many more steps.
        var (cat, sleeps, roof) = corruption == Spans ? ("cat", "sleeps", "roof") : (Animals, Verbs, Places);
        Assert.Matches($"^the {cat} {Verbs} near the {roof}\\.$", rows[0].Text);
        Assert.Matches($"^the {Animals} {sleeps} near the roof\\.$".Replace("roof", corruption == Spans ? "mat" : Places, StringComparison.Ordinal), rows[1].Text);
        Assert.All(rows, row => Assert.InRange(row.Score, -3, 0));
        Assert.Equal(ModelHead.SequenceToSequence, transformer.Model.Head);
        Assert.Equal(corruption == Spans ? "t5" : "bart", new PretrainingEvaluator(transformer.Model).Task.Name);
    }

    [Theory]
    [InlineData(Spans)]
    [InlineData(Infilling)]
    public void Transform_TextThatIsNotWrittenToItsEnd_IsCounted(DenoisingCorruption corruption)
    {
        var log = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => log.Add(e.Message);
        var model = TinyDenoising.Fitted(corruption).LastTransformer.Model;
        var transformer = new TextReconstructionTransformer(ml, "Prediction", "Text", model, corruption, new GenerationOptions { MaxNewTokens = 1, Device = "cpu" });

        TinyDenoising.Read(ml, transformer, "The cat [MASK] near the roof.");

        Assert.Single(log, message => message.Contains("1 of the rows so far were not written to their end: there were 1 tokens", StringComparison.Ordinal));
        Assert.True(new DenoisingOptions().Prediction.MaxNewTokens >= 512);
    }

    [Theory]
    [InlineData(Spans)]
    [InlineData(Infilling)]
    public void Save_AndLoadInAFreshProcess_GivesTheSameTexts(DenoisingCorruption corruption)
    {
        using var directory = new TemporaryDirectory();
        _ml.Model.Save(TinyDenoising.Fitted(corruption), Tiny.Rows(_ml, "a").Schema, directory.File("m.zip"));

        var child = ChildProcess.Run(RestoreInChild, directory.File("m.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(RestoreInChild(directory.File("m.zip")), child.Result);
        Assert.StartsWith(TinyDenoising.Read(_ml, TinyDenoising.Fitted(corruption), "The [MASK] near the mat.")[0].Text, child.Result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Spans)]
    [InlineData(Infilling)]
    public void Transform_OnSixteenThreads_GivesWhatOneGives(DenoisingCorruption corruption)
    {
        var again = Tiny.Reload<ITransformer>(_ml, TinyDenoising.Fitted(corruption), Tiny.Rows(_ml, "a").Schema);
        string[] texts = [.. Enumerable.Range(0, 16).Select(i => SmallCorpus.Sentences[i * 7].Replace("near", "[MASK]", StringComparison.Ordinal))];
        var expected = TinyDenoising.Read(_ml, again, texts).ConvertAll(row => row.Text);

        var found = new string[16];
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i =>
        {
            using var engine = _ml.Model.CreatePredictionEngine<SmallCorpus.Row, TextReconstructionPrediction>(again);
            found[i] = engine.Predict(new SmallCorpus.Row { Text = texts[i] }).Text;
        });

        Assert.Equal(expected, found);
    }

    [Fact]
    public void Fit_FromACheckpoint_BeginsWithItsWeightsAndItsSentinels()
    {
        using var model = PretrainedModel.FromTransformer(TinyDenoising.Fitted(Spans));
        var options = new DenoisingOptions { MaxSteps = 1, BatchSize = 8, LearningRate = 1e-9, Threads = 1, Device = "cpu", Precision = Precision.Float32 };

        using var fitted = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Append(TinyDenoising.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainDenoising("Prediction", "Tokens", model, options)).Fit(SmallCorpus.Load(_ml));

        Assert.Equal(TinyDenoising.Read(_ml, TinyDenoising.Fitted(Spans), "The [MASK] near the mat.")[0].Text, TinyDenoising.Read(_ml, fitted, "The [MASK] near the mat.")[0].Text);
        Assert.Equal("<extra_id_0>", fitted.LastTransformer.Model.Tokenizer.Vocabulary[255]);
        Assert.Equal(model.Tokenizer.Vocabulary, fitted.LastTransformer.Model.Tokenizer.Vocabulary);
    }

    [Fact]
    public void Fit_FromScratch_GivesTheTokenizerAHundredSentinels()
    {
        var options = TinyDenoising.Options(Spans) with { Config = null, Size = "tiny", MaxSteps = 1 };
        using var fitted = Tiny.Tokens(_ml).Append(TinyDenoising.Group(_ml)).Append(_ml.Transforms.Text.PretrainDenoising("Prediction", "Tokens", options)).Fit(SmallCorpus.Load(_ml));

        var (model, pieces) = (fitted.LastTransformer.Model, ((SubwordTokenizingTransformer)fitted.First()).Tokenizer.Vocabulary);
        Assert.Equal(pieces.Count + 100, model.Config.VocabularySize);
        Assert.Equal("<extra_id_0>", model.Tokenizer.Vocabulary[^1]);
        Assert.Equal("<extra_id_99>", model.Tokenizer.Vocabulary[pieces.Count]);
    }

    [Theory]
    [InlineData(Spans)]
    [InlineData(Infilling)]
    public void RestoreText_WithTheTrainedModel_GivesWhatThePipelineGives(DenoisingCorruption corruption)
    {
        const string Text = "The [MASK] near the mat.";
        using var directory = new TemporaryDirectory();
        TinyDenoising.Fitted(corruption).LastTransformer.Model.Save(directory.File("model"));
        using var model = PretrainedModel.FromDirectory(directory.File("model"));
        using var restorer = _ml.Transforms.Text.RestoreText("Prediction", "Text", model, new GenerationOptions { MaxNewTokens = 14, Device = "cpu" }).Fit(Tiny.Rows(_ml, Text));

        var expected = TinyDenoising.Read(_ml, TinyDenoising.Fitted(corruption), Text)[0];

        Assert.Equal(expected.Text, TinyDenoising.Read(_ml, restorer, Text)[0].Text);
        using var other = PretrainedModel.FromTransformer(Tiny.Fitted);
        Assert.Contains("RestoreText", Assert.Throws<InvalidOperationException>(() => _ml.Transforms.Text.RestoreText("P", "T", other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CorruptedBlocksLongerThanThePositions_AreRefusedBeforeTraining()
    {
        var config = ModelArchitecture.Get("bart").CreateConfig(new ModelSize("least", 2, 64, 2), 256, maxPositions: 16, new ModelTokenIds(0, 2, 3));
        DenoisingOptions Options(int spanLength) => TinyDenoising.Options(Spans, steps: 1) with { Config = config, NoiseDensity = 0.5, MeanSpanLength = spanLength };
        void Fit(int spanLength) => Tiny.Tokens(_ml).Append(TinyDenoising.Group(_ml)).Append(_ml.Transforms.Text.PretrainDenoising("Prediction", "Tokens", Options(spanLength))).Fit(SmallCorpus.Load(_ml)).Dispose();

        Fit(spanLength: 3);

        Assert.Contains("have up to 17, and the model has 16 positions", Assert.Throws<InvalidOptionsException>(() => Fit(spanLength: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithoutRoomForSentinelsOrWithTooFew_SaysWhatIsNeeded()
    {
        var pieces = ((SubwordTokenizingTransformer)TinyDenoising.Fitted(Spans).First()).Tokenizer.Vocabulary.Count;
        Assert.Contains("vocab_size", Refusal<InvalidOperationException>(pieces, blockLength: 16).Message, StringComparison.Ordinal);
        var tooFew = Refusal<InvalidOperationException>(pieces + 1, blockLength: 64).Message;
        Assert.Contains("3 spans", tooFew, StringComparison.Ordinal);
        Assert.Contains("there are 1", tooFew, StringComparison.Ordinal);

        T Refusal<T>(int vocabularySize, int blockLength)
            where T : Exception
        {
            var options = TinyDenoising.Options(Spans) with { Config = TinyDenoising.Config(Spans) with { VocabularySize = vocabularySize } };
            var pipeline = Tiny.Tokens(_ml).Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: blockLength))
                .Append(_ml.Transforms.Text.PretrainDenoising("Prediction", "Tokens", options));
            return Assert.Throws<T>(() => pipeline.Fit(SmallCorpus.Load(_ml)));
        }
    }

    [Fact]
    public void Fit_WithoutAMaskTokenForInfilling_IsRefusedBeforeTraining()
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat"], new() { MaskToken = null });
        var pipeline = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer)
            .Append(_ml.Transforms.Text.PretrainDenoising("Prediction", "Tokens", new DenoisingOptions { Corruption = Infilling, Size = "tiny" }));

        Assert.Contains("mask_token", Assert.Throws<InvalidOperationException>(() => pipeline.Fit(SmallCorpus.Load(_ml))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PretrainDenoising_OptionsThatCannotBe_AreRefusedTogether()
    {
        var options = new DenoisingOptions { Corruption = (DenoisingCorruption)7, NoiseDensity = 1, MeanSpanLength = 0, Architecture = "llama", Prediction = new GenerationOptions { Beams = 0 } };

        var exception = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainDenoising("P", "T", options));

        foreach (var name in new[] { "Corruption", "NoiseDensity", "MeanSpanLength", "Architecture", "Beams" })
            Assert.Contains(exception.Errors, error => error.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void PreviewCorruption_ShowsWhatIsReadAndWhatIsWritten()
    {
        var rows = TinyDenoising.Group(_ml).Fit(Tokens()).Transform(Tokens());

        var spans = _ml.Data.PreviewCorruption(rows, "Tokens", 2, new DenoisingOptions { Seed = 3 });
        var infilling = _ml.Data.PreviewCorruption(rows, "Tokens", 2, new DenoisingOptions { Seed = 3, Corruption = Infilling });

        Assert.All(spans.Rows, row => Assert.Matches(@"^\[CLS\] .*<extra_id_0> .*\[SEP\]$", row.Text));
        Assert.All(spans.Rows, row => Assert.Matches(@"^<extra_id_0> .* \[SEP\]$", row.Target));
        Assert.All(infilling.Rows, row => Assert.Contains("[MASK]", row.Text, StringComparison.Ordinal));
        Assert.Equal("[CLS] the cat sits near the mat . [SEP]", infilling.Rows[0].Target);
        Assert.Contains($"block 0: 8 tokens, 9 targets{Environment.NewLine}", infilling.ToString(), StringComparison.Ordinal);
        Assert.Contains($"  → {infilling.Rows[0].Target}", infilling.ToString(), StringComparison.Ordinal);

        IDataView Tokens() => Tiny.Tokens(_ml).Fit(SmallCorpus.Load(_ml)).Transform(SmallCorpus.Load(_ml));
    }

    private static string RestoreInChild(string path)
    {
        var ml = new MLContext();
        using var model = (TransformerChain<ITransformer>)ml.Model.Load(path, out _);
        var row = TinyDenoising.Read(ml, model, "The [MASK] near the mat.")[0];
        var last = (TextReconstructionTransformer)model.LastTransformer;
        return FormattableString.Invariant($"{row.Text} {row.Score:R} {last.History.Count} {last.Evaluation}");
    }
}
