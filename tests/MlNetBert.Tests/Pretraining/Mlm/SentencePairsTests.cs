using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Evaluation;
using MlNetBert.Models;
using MlNetBert.Models.Bert;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining.Mlm;

public sealed class SentencePairsTests : IDisposable
{
    private static readonly string[] Stories =
        [.. SmallCorpus.Sentences.Zip(SmallCorpus.Sentences.Skip(20), (one, other) => $"{one} {other} {one}")];

    private readonly MLContext _ml = new(seed: 21);
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData(SentencePairTask.NextSentence, null, "BertForPreTraining")]
    [InlineData(SentencePairTask.SentenceOrder, null, "AlbertForPreTraining")]
    [InlineData(SentencePairTask.SentenceOrder, "bert", "BertForPreTraining")]
    public void Fit_WithPairs_GivesAModelThatScoresThem(SentencePairTask kind, string? architecture, string className)
    {
        var rows = Tiny.Rows(_ml, Stories);
        var fitted = Pipeline(new MlmOptions { SentencePairs = kind, Size = "tiny", Architecture = architecture, MaxSteps = 3, EvaluationFraction = 0.2 }).Fit(rows);
        using var model = PretrainedModel.FromTransformer(fitted);

        Assert.Equal(className, model.Network.ClassName);
        var evaluation = fitted.LastTransformer.Evaluation!;
        Assert.Equal(["masked_loss", "pair_accuracy", "pair_loss"], evaluation.Metrics!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(evaluation.Loss, evaluation.Metrics["masked_loss"] + evaluation.Metrics["pair_loss"], 1e-9);
        Assert.Null(evaluation.Perplexity);

        // Fills masks as any other, and scores pairs: the same from the directory and from a zip.
        Assert.Single(Tiny.Fill(_ml, fitted, "The cat [MASK] near the mat."));
        var scorer = Score(model);
        var scores = Scores(scorer);
        Assert.All(scores, score => Assert.InRange(score, 0, 1));
        model.Save(_directory.Path);
        using var opened = PretrainedModel.FromDirectory(_directory.Path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(scores, Scores(Score(opened)));
        Assert.Equal(scores, Scores(Tiny.Reload<ITransformer>(_ml, scorer, Pairs.Schema)));
        var card = File.ReadAllText(Path.Combine(_directory.Path, "README.md"));
        Assert.Contains("Loss (masked tokens + pairs)", card, StringComparison.Ordinal);
        Assert.DoesNotContain("Masked-token loss", card, StringComparison.Ordinal);
        Assert.Equal(kind == SentencePairTask.NextSentence ? "nsp" : "sop", new PretrainingEvaluator(opened).Task.Name);
    }

    [Fact]
    public void Fit_OneDocument_IsRefusedForNextSentencesAndNotForTheirOrder()
    {
        var rows = Tiny.Rows(_ml, string.Join(' ', SmallCorpus.Sentences));

        Assert.Contains("two documents", Assert.Throws<InvalidDataException>(
            () => Pipeline(new MlmOptions { SentencePairs = SentencePairTask.NextSentence, Size = "tiny", MaxSteps = 1 }).Fit(rows)).Message, StringComparison.Ordinal);
        Pipeline(new MlmOptions { SentencePairs = SentencePairTask.SentenceOrder, Size = "tiny", MaxSteps = 1 }).Fit(rows);
    }

    [Fact]
    public void Fit_DocumentsOfOneSentence_AreRefusedWithCounts()
    {
        foreach (var kind in new[] { SentencePairTask.NextSentence, SentencePairTask.SentenceOrder })
        {
            var message = Assert.Throws<InvalidDataException>(
                () => Pipeline(new MlmOptions { SentencePairs = kind, Size = "tiny", MaxSteps = 1 }).Fit(SmallCorpus.Load(_ml))).Message;
            Assert.Contains($"found 0 such document(s) among {SmallCorpus.Sentences.Count}", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void PretrainMlm_ArchitectureWithoutAHeadOverPairs_IsRefused()
    {
        var exception = Assert.Throws<InvalidOptionsException>(
            () => { _ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { SentencePairs = SentencePairTask.NextSentence, Architecture = "modernbert" }); });
        Assert.Contains(": bert, albert", Assert.Single(exception.Errors), StringComparison.Ordinal);
        Assert.Throws<InvalidOptionsException>(() => { _ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { SentencePairs = (SentencePairTask)5 }); });
    }

    [Fact]
    public void Fit_BlocksJoinedWithoutDocuments_AreRefused()
    {
        var pipeline = Tokens.Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16, packing: BlockPacking.ConcatenateBlocks))
            .Append(_ml.Transforms.Text.PretrainMlm("P", "Tokens", new MlmOptions { SentencePairs = SentencePairTask.NextSentence, Size = "tiny", MaxSteps = 1 }));

        Assert.Contains("Packing", Assert.Throws<InvalidOptionsException>(() => pipeline.Fit(Tiny.Rows(_ml, Stories))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ScoreSentencePairs_ModelWithoutEitherHead_IsRefused()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);

        Assert.Contains("next sentences", Assert.Throws<InvalidOperationException>(() => _ml.Transforms.Text.ScoreSentencePairs("Score", "First", "Second", model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PreviewCorruption_WithPairs_ShowsThem()
    {
        var tokens = Tokens.Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 40)).Fit(Tiny.Rows(_ml, Stories)).Transform(Tiny.Rows(_ml, Stories));

        var preview = _ml.Data.PreviewCorruption(tokens, "Tokens", 4, new MlmOptions { SentencePairs = SentencePairTask.NextSentence });

        Assert.All(preview.Rows, row => Assert.Equal(2, row.Text.Split("[SEP]").Length - 1));
    }

    [Theory]
    [InlineData(SentencePairTask.NextSentence)]
    [InlineData(SentencePairTask.SentenceOrder)]
    public void PreviewCorruption_TargetsThatAreKept_AreCountedSoAndTokensAreTheRows(SentencePairTask kind)
    {
        var tokens = Tokens.Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 40)).Fit(Tiny.Rows(_ml, Stories)).Transform(Tiny.Rows(_ml, Stories));

        var preview = _ml.Data.PreviewCorruption(
            tokens, "Tokens", 12, new MlmOptions { SentencePairs = kind, MaskReplaceProbability = 0, RandomReplaceProbability = 0, MaskProbability = 0.5 });

        Assert.All(preview.Rows, row => Assert.Equal((0, 0), (row.MaskedCount, row.ReplacedCount)));
        Assert.All(preview.Rows, row => Assert.True(row.KeptCount > 0));
        Assert.All(preview.Rows, row => Assert.InRange(row.TokenCount, row.Text.Split(' ').Length, 40));
    }

    [Theory]
    [InlineData(SentencePairTask.NextSentence)]
    [InlineData(SentencePairTask.SentenceOrder)]
    public void Fit_ModelOfOneSegment_TrainsWithoutTypes(SentencePairTask kind)
    {
        var config = (BertConfig)ModelArchitecture.Bert.CreateConfig(ModelSize.Tiny, Tiny.Tokenizer.Vocabulary.Count, 40, new ModelTokenIds(0, 2, 3)) with { TokenTypes = 1 };

        var fitted = Pipeline(new MlmOptions { SentencePairs = kind, Config = config, MaxSteps = 1 }).Fit(Tiny.Rows(_ml, Stories));

        Assert.Equal(1, fitted.LastTransformer.Model.Config.TokenTypeCount);
    }

    public void Dispose() => _directory.Dispose();

    private IDataView Pairs => _ml.Data.LoadFromEnumerable(SmallCorpus.Sentences.Take(6).Select((text, i) => new Pair { First = text, Second = SmallCorpus.Sentences[i + 20] }));

    private IEstimator<SubwordTokenizingTransformer> Tokens => _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", Tiny.Tokenizer);

    private EstimatorChain<FillMaskTransformer> Pipeline(MlmOptions options) => Tokens
        .Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 40))
        .Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options with { BatchSize = 4, Threads = 1 }));

    private ITransformer Score(PretrainedModel model) => _ml.Transforms.Text.ScoreSentencePairs("Score", "First", "Second", model).Fit(Pairs);

    private float[] Scores(ITransformer scorer) => [.. scorer.Transform(Pairs).GetColumn<float>("Score")];

    private sealed class Pair
    {
        public string First { get; set; } = "";

        public string Second { get; set; } = "";
    }
}
