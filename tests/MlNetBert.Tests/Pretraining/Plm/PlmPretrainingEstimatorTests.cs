using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.FillMask;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining.Plm;

public class PlmPretrainingEstimatorTests
{
    private const string Gap = "The cat [MASK] near the mat.";

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Fit_SmallCorpus_FillsGapsFromBothSides()
    {
        var transformer = TinyPlm.Fitted.LastTransformer;
        var first = transformer.History.First(row => row.EvaluationPerplexity is not null).EvaluationPerplexity;

        var row = TinyPlm.Read(_ml, TinyPlm.Fitted, Gap)[0];

        Assert.True(transformer.Evaluation!.Perplexity < first / 3, $"{transformer.Evaluation.Perplexity} after {first}");
        Assert.Equal(5, row.Tokens.Length);
        Assert.All(row.Scores, score => Assert.InRange(score, 0, 1));
        Assert.DoesNotContain("[MASK]", row.Sequence, StringComparison.Ordinal);
        Assert.Equal(ModelHead.PermutationLanguageModel, transformer.Model.Head);
        Assert.Null(transformer.Model.Config.MaxLength);
    }

    /// <summary>What stands at a gap is not read, so it does not matter which token marks it.</summary>
    [Fact]
    public void FillTokens_OfAPermutedModel_ReadsNoMaskToken()
    {
        using var model = PretrainedModel.FromTransformer(TinyPlm.Fitted);
        var filler = new MaskFiller(model);
        var before = filler.Fill(Gap);
        var network = (PermutationLanguageModel)model.Network;
        var mask = model.Tokenizer.SpecialTokens.MaskTokenId!.Value;
        using (TorchSharp.torch.no_grad())
        using (var copy = TorchSharp.torch.NewDisposeScope())
        {
            var row = network.Backbone.WordEmbeddings[mask];
            var kept = row.clone();
            // The head is tied: only what is read of the mask token may not matter, so its own score is left aside.
            row.add_(3);
            var after = filler.Fill(Gap);
            row.copy_(kept);

            var (one, other) = (before.Candidates[0].Where(c => c.TokenId != mask).ToList(), after.Candidates[0].Where(c => c.TokenId != mask).ToList());
            Assert.Equal(one[0].TokenId, other[0].TokenId);
            Assert.Equal(one[1].Score / one[0].Score, other[1].Score / other[0].Score, 1e-4);
        }
    }

    [Fact]
    public void Save_AndLoadInAFreshProcess_GivesTheSameCandidates()
    {
        using var directory = new TemporaryDirectory();
        _ml.Model.Save(TinyPlm.Fitted, Tiny.Rows(_ml, Gap).Schema, directory.File("m.zip"));

        var child = ChildProcess.Run(FillInChild, directory.File("m.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(FillInChild(directory.File("m.zip")), child.Result);
        Assert.StartsWith(TinyPlm.Read(_ml, TinyPlm.Fitted, Gap)[0].Tokens[0] + " ", child.Result, StringComparison.Ordinal);
    }

    [Fact]
    public void CreatePredictionEngine_OfAReloadedPipeline_GivesWhatTransformGives()
    {
        var expected = TinyPlm.Read(_ml, TinyPlm.Fitted, Gap)[0];
        var again = Tiny.Reload<ITransformer>(_ml, TinyPlm.Fitted, Tiny.Rows(_ml, Gap).Schema);
        using var engine = _ml.Model.CreatePredictionEngine<SmallCorpus.Row, FillMaskPrediction>(again);

        var found = engine.Predict(new SmallCorpus.Row { Text = Gap });

        Assert.Equal(expected.Tokens, found.Tokens);
        Assert.Equal(expected.Scores[0], found.Scores[0], 1e-5);
    }

    [Fact]
    public void Transform_SeveralGapsInTextsOfUnlikeLengths_GivesEachTextWhatItHasAlone()
    {
        string[] texts = [Gap, "[MASK] cat.", "no gap", "The [MASK] sits near the [MASK]. The dog sits near the mat."];
        var together = TinyPlm.Read(_ml, TinyPlm.Fitted, texts);

        Assert.Empty(together[2].Tokens);
        Assert.Equal(10, together[3].Tokens.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            var alone = TinyPlm.Read(_ml, TinyPlm.Fitted, texts[i])[0];
            Assert.Equal(alone.Sequence, together[i].Sequence);
            Assert.All(alone.Scores.Zip(together[i].Scores), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Fact]
    public void Fit_FromACheckpoint_BeginsWithItsWeightsAndItsVectorsServeAsFeatures()
    {
        using var model = PretrainedModel.FromTransformer(TinyPlm.Fitted);
        var options = new PlmOptions { MaxSteps = 1, BatchSize = 8, LearningRate = 1e-9, Threads = 1, Device = "cpu", Precision = Precision.Float32 };

        var fitted = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Append(Tiny.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainPlm("Prediction", "Tokens", model, options)).Fit(SmallCorpus.Load(_ml));
        var features = _ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(Tiny.Rows(_ml, Gap)).Transform(Tiny.Rows(_ml, Gap));

        Assert.Equal(TinyPlm.Read(_ml, TinyPlm.Fitted, Gap)[0].Scores[0], TinyPlm.Read(_ml, fitted, Gap)[0].Scores[0], 1e-4);
        Assert.Equal(32, ((VectorDataViewType)features.Schema["Features"].Type).Size);
    }

    [Fact]
    public void PretrainPlm_WhatCannotBe_IsRefusedAtOnce()
    {
        var faults = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainPlm("P", "T", new PlmOptions { TargetProbability = 0, MaxSpanLength = 0 }));
        var named = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainPlm("P", "T", new PlmOptions { Architecture = "bert" }));
        var tokenizer = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "the", "cat"], new() { ClassificationToken = null, SeparatorToken = null, MaskToken = null });
        var pipeline = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer).Append(_ml.Transforms.Text.PretrainPlm("Prediction", "Tokens", new PlmOptions { Size = "tiny" }));

        Assert.Contains(faults.Errors, error => error.Contains(nameof(PlmOptions.TargetProbability), StringComparison.Ordinal));
        Assert.Contains(faults.Errors, error => error.Contains(nameof(PlmOptions.MaxSpanLength), StringComparison.Ordinal));
        Assert.Contains("permuted language modeling", named.Message, StringComparison.Ordinal);
        Assert.Equal("xlnet", PlmOptions.DefaultArchitecture);
        Assert.Contains("Permuted language modeling", Assert.Throws<InvalidOperationException>(() => pipeline.Fit(SmallCorpus.Load(_ml))).Message, StringComparison.Ordinal);
    }

    private static string FillInChild(string path)
    {
        var ml = new MLContext();
        using var model = (TransformerChain<ITransformer>)ml.Model.Load(path, out _);
        var row = TinyPlm.Read(ml, model, Gap)[0];
        var last = (FillMaskTransformer)model.LastTransformer;
        return FormattableString.Invariant($"{row.Tokens[0]} {row.Scores[0]:R} {row.Sequence} {last.History.Count} {last.Evaluation}");
    }
}
