using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests;

public class EstimatorContractTests
{
    private readonly MLContext _ml = new(seed: 1);

    private IDataView Numbers => _ml.Data.LoadFromEnumerable([new NumberRow { Text = 1, Tokens = 2 }]);

    private IDataView Unrelated => _ml.Data.LoadFromEnumerable([new OtherRow { Other = "text" }]);

    private IDataView Texts => _ml.Data.LoadFromEnumerable(SmallCorpus.Sentences.Take(20).Select((s, i) => new WideRow { Id = i, Text = i % 3 == 0 ? s.Replace("near", "[MASK]", StringComparison.Ordinal) : s, Weight = i / 3f }));

    private IDataView TokenRows => _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer).Fit(Texts).Transform(Texts);

    [Fact]
    public void TokenizeIntoWordPieces_Learning_KeepsTheContract() => EstimatorContract.Check(_ml, Tiny.Learn(_ml), Texts, Numbers, Unrelated);

    [Fact]
    public void TokenizeIntoWordPieces_InPlaceWithATokenizer_KeepsTheContract() =>
        EstimatorContract.Check(_ml, _ml.Transforms.Text.TokenizeIntoWordPieces("Text", null, Tiny.Tokenizer), Texts, Numbers, Unrelated);

    [Fact]
    public void GroupTokenBlocks_KeepsTheContract()
    {
        EstimatorContract.Check(_ml, _ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16), TokenRows, Texts, Numbers);
        EstimatorContract.Check(_ml, _ml.Transforms.Text.GroupTokenBlocks("Grouped", "Tokens", blockLength: 16), TokenRows, Texts, Numbers);
    }

    [Fact]
    public void GroupTokenBlocks_OfBlocks_KeepsTheContract() =>
        EstimatorContract.Check(_ml, _ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16), _ml.Data.GroupTokenBlocks(TokenRows, "Tokens", 16), Texts);

    [Fact]
    public void PretrainMlm_FromNothing_KeepsTheContract() =>
        EstimatorContract.Check(
            _ml, _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options(evaluationShare: 0.3)), Tiny.Group(_ml).Fit(TokenRows).Transform(TokenRows), Texts, Numbers, Keys());

    [Fact]
    public void PretrainMlm_OnBlocks_KeepsTheContract() =>
        EstimatorContract.Check(_ml, _ml.Transforms.Text.PretrainMlm("Tokens", null, Tiny.Options()), _ml.Data.GroupTokenBlocks(TokenRows, "Tokens", 16), Texts);

    [Fact]
    public void PretrainMlm_FromACheckpoint_KeepsTheContract()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var grouped = Tiny.Group(_ml).Fit(TokenRows).Transform(TokenRows);
        EstimatorContract.Check(
            _ml, _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model, new MlmOptions { MaxSteps = 2, Prediction = new FillMaskOptions { TopK = 2, CandidateWords = ["cat", "dog", "roof"] } }), grouped, Texts, Numbers);
    }

    [Fact]
    public void PretrainClm_KeepsTheContract() =>
        EstimatorContract.Check(
            _ml, _ml.Transforms.Text.PretrainClm("Prediction", "Tokens", TinyClm.Options() with { EvaluationFraction = 0.3 }), Tiny.Group(_ml).Fit(TokenRows).Transform(TokenRows), Texts, Numbers, Keys());

    [Theory]
    [InlineData(DenoisingCorruption.SpanCorruption)]
    [InlineData(DenoisingCorruption.TextInfilling)]
    public void PretrainDenoising_KeepsTheContract(DenoisingCorruption corruption) =>
        EstimatorContract.Check(
            _ml, _ml.Transforms.Text.PretrainDenoising("Prediction", "Tokens", TinyDenoising.Options(corruption) with { EvaluationFraction = 0.3 }),
            Tiny.Group(_ml).Fit(TokenRows).Transform(TokenRows), Texts, Numbers, Keys());

    [Fact]
    public void PretrainPlm_KeepsTheContract() =>
        EstimatorContract.Check(
            _ml, _ml.Transforms.Text.PretrainPlm("Prediction", "Tokens", TinyPlm.Options() with { EvaluationFraction = 0.3 }), Tiny.Group(_ml).Fit(TokenRows).Transform(TokenRows), Texts, Numbers, Keys());

    [Fact]
    public void GenerateText_KeepsTheContract()
    {
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        EstimatorContract.Check(_ml, _ml.Transforms.Text.GenerateText("Prediction", "Text", model, new GenerationOptions { MaxNewTokens = 3 }), Texts, Numbers, Unrelated);
    }

    [Fact]
    public void PretrainRtd_KeepsTheContract() =>
        EstimatorContract.Check(
            _ml, _ml.Transforms.Text.PretrainRtd("Prediction", "Tokens", TinyRtd.Options() with { EvaluationFraction = 0.3 }), Tiny.Group(_ml).Fit(TokenRows).Transform(TokenRows), Texts, Numbers, Keys());

    [Fact]
    public void RestoreText_KeepsTheContract()
    {
        using var model = PretrainedModel.FromTransformer(TinyDenoising.Fitted(DenoisingCorruption.SpanCorruption));
        EstimatorContract.Check(_ml, _ml.Transforms.Text.RestoreText("Prediction", "Text", model), Texts, Numbers, Unrelated);
    }

    [Fact]
    public void DetectReplacedTokens_KeepsTheContract()
    {
        using var model = PretrainedModel.FromTransformer(TinyRtd.Fitted);
        EstimatorContract.Check(_ml, _ml.Transforms.Text.DetectReplacedTokens("Prediction", "Text", model), Texts, Numbers, Unrelated);
    }

    [Fact]
    public void EmbedText_KeepsTheContract()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        EstimatorContract.Check(_ml, _ml.Transforms.Text.EmbedText("Features", "Text", model), Texts, Numbers, Unrelated);
        EstimatorContract.Check(_ml, _ml.Transforms.Text.EmbedText("Text", model), Texts, Numbers, Unrelated);
        EstimatorContract.Check(
            _ml, _ml.Transforms.Text.EmbedText("Text", null, model, new EmbeddingOptions { Pooling = Pooling.Max, Normalize = true, MaxLength = 5 }), Texts, Numbers, Unrelated);
    }

    [Fact]
    public void EmbedTokens_KeepsTheContract()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        EstimatorContract.Check(_ml, _ml.Transforms.Text.EmbedTokens("Tokens", "Text", model), Texts, Numbers, Unrelated);
        EstimatorContract.Check(_ml, _ml.Transforms.Text.EmbedTokens("Text", model), Texts, Numbers, Unrelated);
        EstimatorContract.Check(
            _ml, _ml.Transforms.Text.EmbedTokens("Text", null, model, new TokenEmbeddingOptions { Unit = TokenUnit.Word, Normalize = true, MaxLength = 5 }), Texts, Numbers, Unrelated);
    }

    [Fact]
    public void WholePipeline_KeepsTheContract() =>
        EstimatorContract.Check(
            _ml, Tiny.Tokens(_ml).Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options())), Texts, Numbers, Unrelated);

    [Fact]
    public void BlockView_GivesTheSameRowsHoweverItIsRead() => EstimatorContract.CheckCursors(_ml.Data.GroupTokenBlocks(TokenRows, "Tokens", 16));

    private IDataView Keys() => _ml.Data.LoadFromEnumerable([new KeyRow { Tokens = [1, 2] }]);

    private sealed class WideRow
    {
        public int Id { get; set; }

        public string Text { get; set; } = "";

        public float Weight { get; set; }
    }

    private sealed class NumberRow
    {
        public float Text { get; set; }

        public float Tokens { get; set; }
    }

    private sealed class OtherRow
    {
        public string Other { get; set; } = "";
    }

    private sealed class KeyRow
    {
        [KeyType(50)]
        public uint[] Tokens { get; set; } = [];
    }
}
