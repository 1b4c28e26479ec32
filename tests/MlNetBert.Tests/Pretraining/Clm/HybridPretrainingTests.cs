using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Evaluation;
using MlNetBert.FillMask;
using MlNetBert.Generation;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Pretraining.Clm;

/// <summary>A causal model that learned masked tokens, too: it continues texts and fills masks, opened again as well.</summary>
public sealed class HybridPretrainingTests : IDisposable
{
    private static readonly Lazy<TransformerChain<TextGenerationTransformer>> LazyFitted = new(() =>
    {
        var ml = new MLContext(seed: 5);
        var options = TinyClm.Options(steps: 400) with { CausalFraction = 0.5, EvaluationFraction = 0.2, LearningRate = 1e-2 };
        return Tiny.Tokens(ml).Append(Tiny.Group(ml)).Append(ml.Transforms.Text.PretrainClm("Prediction", "Tokens", options)).Fit(SmallCorpus.Load(ml));
    });

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryDirectory _directory = new();

    private static PretrainedModel Model => LazyFitted.Value.LastTransformer.Model;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Fit_BothKindsOfBlocks_LearnsBoth()
    {
        var history = LazyFitted.Value.LastTransformer.History.Where(row => row.Metrics is { Count: > 0 }).ToList();

        foreach (var name in new[] { "causal_loss", "masked_loss" })
            Assert.True(history[^1].Metrics![name] < history[0].Metrics![name] - 1, $"{name} {history[0].Metrics![name]} to {history[^1].Metrics![name]}");
        Assert.Equal("hybrid", (string?)Model.Config.ToJson()["mlnetbert_objective"]);
        Assert.NotEmpty(new TextGenerator(Model, new GenerationOptions { MaxNewTokens = 4 }).Generate("The cat")[0].GeneratedIds);
    }

    /// <summary>The same probabilities by the plain way, and the same words from the files.</summary>
    [Fact]
    public void Fill_OfACausalModel_ReadsThePlaceBeforeTheMaskWithBothSides()
    {
        var mask = Model.Tokenizer.Vocabulary[Model.Tokenizer.SpecialTokens.MaskTokenId!.Value];
        var text = $"The cat {mask} near the mat.";
        var filled = new MaskFiller(Model, new FillMaskOptions { TopK = 3 }).Fill(text);
        using (no_grad())
        using (NewDisposeScope())
        {
            var ids = Model.Tokenizer.Template.Build([.. filled.TokenIds]).Ids;
            var place = Array.IndexOf(ids, Model.Tokenizer.SpecialTokens.MaskTokenId.Value);
            var network = (CausalLanguageModel)Model.Network;
            var hidden = network.Backbone.forward(new(tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0)) { Causal = false }).LastHiddenState;
            var best = nn.functional.softmax(network.Head.Logits(hidden[0, place - 1].unsqueeze(0)), 1).narrow(1, 0, Model.Tokenizer.Vocabulary.Count).topk(3, 1);
            Assert.Equal(best.indexes.data<long>().ToArray().Select(id => (int)id), filled.Candidates[0].Select(candidate => candidate.TokenId));
            Assert.Equal(best.values[0, 0].item<float>(), filled.Candidates[0][0].Score, 1e-5);
        }

        Model.Save(_directory.File("saved"));
        using var again = PretrainedModel.FromDirectory(_directory.File("saved"));
        Assert.Equal(filled.Candidates[0], new MaskFiller(again, new FillMaskOptions { TopK = 3 }).Fill(text).Candidates[0]);
        var column = _ml.Transforms.Text.FillMask("Filled", "Text", again).Fit(Tiny.Rows(_ml, text)).Transform(Tiny.Rows(_ml, text));
        Assert.Equal(new MaskFiller(again).DecodeBest(new MaskFiller(again).Fill(text)), column.GetColumn<string>("Filled.Sequence").Single());
    }

    /// <summary>A tokenizer that adds nothing: a mask at the very beginning stands behind what documents stand behind.</summary>
    [Fact]
    public void Fill_MaskAtTheBeginningOfATextWithoutSpecialTokens_StandsBehindTheEndToken()
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(
            ["[PAD]", "[UNK]", "[MASK]", "[END]", "the", "cat", "sits"], new() { ClassificationToken = null, SeparatorToken = null, EndOfTextToken = "[END]" });
        var path = TinyCausal.Of(_directory, "plain", tokenizer);
        Checkpoint.EditConfig(path, config => config["mlnetbert_objective"] = "hybrid");
        using var model = PretrainedModel.FromDirectory(path);

        var filled = new MaskFiller(model, new FillMaskOptions { TopK = 1 }).Fill("[MASK] cat sits");

        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var network = (CausalLanguageModel)model.Network;
        var hidden = network.Backbone.forward(new(tensor([3L, 2, 5, 6]).unsqueeze(0)) { Causal = false }).LastHiddenState;
        Assert.Equal(network.Head.Logits(hidden[0, 0].unsqueeze(0)).argmax(1).item<long>(), filled.Candidates[0][0].TokenId);
    }

    [Fact]
    public void FillMask_OfACausalModelThatLearnedNoMasks_IsRefused()
    {
        using var model = PretrainedModel.FromTransformer(TinyClm.Fitted);
        using var held = PretrainedModel.FromTransformer(LazyFitted.Value);
        var options = TinyClm.Options(steps: 1) with { Config = null };
        var causal = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", held).Append(Tiny.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", held, options)).Fit(SmallCorpus.Load(_ml));

        Assert.Contains("the objective hybrid", Assert.Throws<InvalidOperationException>(() => new MaskFiller(model)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => _ml.Transforms.Text.FillMask("Filled", "Text", model));
        Assert.Throws<InvalidOperationException>(() => new MaskFiller(causal.LastTransformer.Model)); // trained further as causal alone
        causal.LastTransformer.Dispose();
    }

    [Fact]
    public void Evaluate_OfTheModel_GivesTheLossesOfBothObjectivesAlone()
    {
        string[] documents = [.. SmallCorpus.Sentences.Take(40)];
        var options = new PretrainingEvaluationOptions { BlockLength = Tiny.BlockLength };

        var both = new PretrainingEvaluator(Model, options).Evaluate(documents);
        var causal = new PretrainingEvaluator(Model, options, PretrainingTask.Get("clm")).Evaluate(documents);

        Assert.Equal(causal.Loss, both.Metrics!["causal_loss"], 1e-5);
        Assert.Equal((both.Metrics["causal_loss"] + both.Metrics["masked_loss"]) / 2, both.Loss, 1e-9);
        Assert.True(both.TargetCount > causal.TargetCount);
        Assert.Throws<InvalidOperationException>(() => new PretrainingEvaluator(PretrainedModel.FromTransformer(TinyClm.Fitted), options, PretrainingTask.Get("hybrid")));
    }

    [Fact]
    public void EvaluateStored_CausalOrMaskedBlocks_AreToldApartByTheirLabels()
    {
        var path = _directory.File("blocks.safetensors");
        void Write(int[] ids, int[] labels) => SafetensorsWriter.Write(path, [TensorData.From<int>("input_ids", SafetensorsDtype.I32, [1, 4], ids), TensorData.From<int>("labels", SafetensorsDtype.I32, [1, 4], labels)]);
        var evaluator = new PretrainingEvaluator(Model);
        var mask = Model.Tokenizer.SpecialTokens.MaskTokenId!.Value;

        Write([5, 6, 7, 8], [5, 6, 7, -100]);
        Assert.Equal(["causal_loss", "causal_accuracy"], evaluator.EvaluateStored(path).Metrics!.Keys);
        Write([5, mask, 7, 8], [-100, 6, -100, 8]);
        var masked = evaluator.EvaluateStored(path);
        Assert.Equal(["masked_loss", "masked_accuracy"], masked.Metrics!.Keys);
        Assert.Equal((2L, masked.Metrics["masked_loss"]), (masked.TargetCount, masked.Loss));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void PretrainClm_FractionThatCannotBe_IsRefused(double fraction) => Assert.Contains(
        nameof(ClmOptions.CausalFraction), Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainClm("P", "T", new ClmOptions { CausalFraction = fraction })).Message, StringComparison.Ordinal);

    [Fact]
    public void Fit_WithATokenizerWithoutAMask_SaysWhatNeedsOneBeforeTraining()
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(
            ["[PAD]", "[UNK]", "[END]", "the", "cat"], new() { ClassificationToken = null, SeparatorToken = null, MaskToken = null, EndOfTextToken = "[END]" });
        var pipeline = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer).Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", new ClmOptions { Size = "tiny", CausalFraction = 0.5 }));

        var exception = Assert.Throws<InvalidOperationException>(() => pipeline.Fit(SmallCorpus.Load(_ml)));

        Assert.Contains(nameof(ClmOptions.CausalFraction), exception.Message, StringComparison.Ordinal);
        Assert.Contains("mask_token", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PreviewCorruption_BothKinds_SaysWhichAndShowsMasksInTheirPlaces()
    {
        var data = Tiny.Tokens(_ml).Append(Tiny.Group(_ml)).Fit(SmallCorpus.Load(_ml)).Transform(SmallCorpus.Load(_ml));
        var preview = _ml.Data.PreviewCorruption(data, "Tokens", maxBlocks: 12, new ClmOptions { CausalFraction = 0.5 });
        var causal = _ml.Data.PreviewCorruption(data, "Tokens", maxBlocks: 12, new ClmOptions());

        Assert.Equal([false, true], preview.Rows.Select(row => row.IsCausal!.Value).Distinct().Order());
        Assert.All(causal.Rows, row => Assert.Null(row.IsCausal));
        foreach (var (row, plain) in preview.Rows.Zip(causal.Rows))
        {
            if (row.IsCausal == true)
                Assert.Equal(plain.Text, row.Text);
            else
                Assert.Equal(row.MaskedCount, row.Text.Split("[[MASK]|").Length - 1);
        }

        Assert.Contains(preview.Rows, row => row.IsCausal == false && row.MaskedCount > 0);
        Assert.Contains(", causal", preview.ToString(), StringComparison.Ordinal);
        Assert.Contains(", masked", preview.ToString(), StringComparison.Ordinal);
    }
}
