using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.FillMask;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.FillMask;

public class FillMaskTests
{
    private static readonly string[] Texts = ["The [MASK] sits near the mat.", "no mask", "The [MASK] [MASK] near the [MASK].", "", "The dog runs near the [MASK]."];

    private readonly MLContext _ml = new(seed: 4);

    [Fact]
    public void Transform_AnyRow_GivesThePlainSoftmaxOfTheLogits()
    {
        var filled = Tiny.Fill(_ml, Tiny.Fitted, Texts);

        for (var row = 0; row < Texts.Length; row++)
        {
            var expected = Plain(Texts[row]);
            Assert.Equal(expected.Count * 5, filled[row].Tokens.Length);
            for (var mask = 0; mask < expected.Count; mask++)
            {
                var best = expected[mask].Take(5).ToList();
                Assert.Equal(best.Select(b => b.Piece), filled[row].Tokens.Skip(mask * 5).Take(5));
                foreach (var (candidate, score) in best.Zip(filled[row].Scores.Skip(mask * 5)))
                    Assert.Equal(candidate.Score, score, 1e-5f);
            }
        }
    }

    [Fact]
    public void Transform_SeveralMasks_PutsTheBestOfEachInTheSequence()
    {
        var filled = Tiny.Fill(_ml, Tiny.Fitted, Texts);

        Assert.Equal($"the {filled[2].Tokens[0]} {filled[2].Tokens[5]} near the {filled[2].Tokens[10]}.", filled[2].Sequence);
        Assert.Equal("no mask", Tiny.Fill(_ml, Tiny.Fitted, "the cat sits")[0].Tokens.Length == 0 ? "no mask" : "");
        Assert.Equal("the cat sits", Tiny.Fill(_ml, Tiny.Fitted, "the cat sits")[0].Sequence);
    }

    [Fact]
    public void Transform_NormalizedText_FindsItsMasks()
    {
        var rows = Tiny.Rows(_ml, Texts);
        var normalized = new TransformerChain<ITransformer>(_ml.Transforms.Text.NormalizeText("Text", keepPunctuations: true).Fit(rows), Tiny.Fitted);

        var found = _ml.Data.CreateEnumerable<FillMaskPrediction>(normalized.Transform(rows), reuseRowObject: false).ToList();

        Assert.Equal([5, 0, 15, 0, 5], found.Select(row => row.Tokens.Length));
        Assert.Equal(Tiny.Fill(_ml, Tiny.Fitted, Texts).SelectMany(row => row.Scores), found.SelectMany(row => row.Scores));
    }

    [Theory]
    [InlineData("the [mask] sits", 1)]
    [InlineData("the [Mask]", 1)]
    [InlineData("[mask][MASK]", 2)]
    [InlineData("flags[mask]", 0)] // code
    [InlineData("[masks] [mask]s", 0)]
    public void Encode_MasksInAnyCase_AreFoundWhereCaseMakesNoDifference(string text, int masks)
    {
        var filler = new MaskFiller(Tiny.Fitted.LastTransformer.Model);
        var tokens = _ml.Data.CreateEnumerable<TokenRow>(Tiny.Fitted.First().Transform(Tiny.Rows(_ml, text)), reuseRowObject: false).Single().Tokens;

        Assert.Equal(masks, filler.Encode(text).Count(id => id == Tiny.Tokenizer.SpecialTokens.MaskTokenId));
        Assert.Equal(filler.Encode(text), tokens.Select(key => (int)key - 1));
    }

    [Fact]
    public void Transform_RowsWithoutAMask_AreToldOnce()
    {
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        using var path = new TemporaryDirectory();
        _ml.Model.Save(Tiny.Fitted, null, path.File("m.zip"));
        using var model = (TransformerChain<ITransformer>)_ml.Model.Load(path.File("m.zip"), out _);

        Tiny.Fill(_ml, model, "the [MASK]", "");
        Assert.DoesNotContain(messages, m => m.Contains("have no [MASK]", StringComparison.Ordinal));
        Tiny.Fill(_ml, model, "the mask", "the [MASK]", "the cat");
        Tiny.Fill(_ml, model, "the mask");

        Assert.Contains("2 of the rows so far have no [MASK]", Assert.Single(messages, m => m.Contains("have no [MASK]", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_UnknownAndSpecialTokens_OnlyTheUnknownStay()
    {
        var filler = new MaskFiller(Tiny.Fitted.LastTransformer.Model);
        const string Text = "the \u2603 [SEP] cat [PAD] [MASK]";

        var filled = Tiny.Fill(_ml, Tiny.Fitted, Text)[0];

        Assert.Equal($"the [UNK] cat {filled.Tokens[0]}", filled.Sequence);
        var shown = filler.Fill(Text);
        Assert.Equal(shown.Candidates[0], filler.Fill([Text, "no mask"])[0].Candidates[0]);
        Assert.Equal(filled.Sequence, filler.Decode(shown, 0, 0));
        Assert.Equal(filled.Sequence, filler.DecodeBest(shown));
        Assert.Equal(filled.Tokens, shown.Candidates[0].Select(filler.Decode));
    }

    [Fact]
    public void Transform_PredictionInBFloat16_IsNearFloat32AndStaysWithTheSavedModel()
    {
        var rows = SmallCorpus.Load(_ml);
        using var wide = Fit(Precision.Float32);
        using var narrow = Fit(Precision.BFloat16);
        var (expected, found) = (Tiny.Fill(_ml, wide, Texts[0])[0].Scores, Tiny.Fill(_ml, narrow, Texts[0])[0].Scores);

        using var loaded = Tiny.Reload<TransformerChain<ITransformer>>(_ml, narrow, rows.Schema);

        Assert.NotEqual(expected, found);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 0.02f));
        Assert.Equal(Precision.BFloat16, ((FillMaskTransformer)loaded.LastTransformer).Inference.Precision);
        Assert.Equal(found, Tiny.Fill(_ml, loaded, Texts[0])[0].Scores);

        TransformerChain<FillMaskTransformer> Fit(Precision precision) => Tiny.Tokens(_ml).Append(Tiny.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Config = Tiny.Config, MaxSteps = 1, BatchSize = 8, Device = "cpu", Precision = Precision.Float32, Prediction = new FillMaskOptions { Precision = precision } })).Fit(rows);
    }

    [Fact]
    public void Fill_WithTargetsAndTopK_RanksTheTargetsWithTheirSharesOfTheWhole()
    {
        var model = Tiny.Fitted.LastTransformer.Model;
        string[] words = ["cat", "dog", "house"];
        int[] targets = [.. words.Select(word => Tiny.Tokenizer.EncodeToIds(word)[0])];
        var ids = Tiny.Tokenizer.EncodeToIds(Texts[0]);

        var all = new MaskFiller(model, new FillMaskOptions { TopK = 1_000 }).FillTokens([ids])[0].Candidates[0];
        var some = new MaskFiller(model, new FillMaskOptions { TopK = 2, CandidateWords = words }).FillTokens([ids])[0].Candidates[0];

        Assert.Equal(Tiny.Tokenizer.Vocabulary.Count, all.Count);
        Assert.Equal(all.Where(c => targets.Contains(c.TokenId)).Take(2), some);
    }

    [Fact]
    public void Transform_LongText_IsCutAroundTheFirstMaskAndToldOnce()
    {
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        using var path = new TemporaryDirectory();
        _ml.Model.Save(Tiny.Fitted, null, path.File("m.zip"));
        using var model = (TransformerChain<ITransformer>)_ml.Model.Load(path.File("m.zip"), out _);
        var words = string.Concat(Enumerable.Repeat("the cat sits near the mat. ", 10));

        var filled = Tiny.Fill(_ml, model, words + "[MASK] " + words, words + words, words + "[MASK]", "[MASK] " + words);
        Tiny.Fill(_ml, model, words + "[MASK] " + words);

        Assert.Equal([5, 0, 5, 5], filled.Select(f => f.Tokens.Length));
        Assert.All(new[] { 0, 2, 3 }, row => Assert.Equal(22, Tiny.Tokenizer.EncodeToIds(filled[row].Sequence).Length, 8.0));
        var told = Assert.Single(messages, m => m.Contains("positions", StringComparison.Ordinal));
        Assert.Contains("3 of the rows", told, StringComparison.Ordinal);
        Assert.Contains("24 positions", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_FromSixteenThreadsAtOnce_GivesWhatOneGives()
    {
        var rows = Enumerable.Range(0, 40).Select(i => Texts[i % Texts.Length] + string.Concat(Enumerable.Repeat(" the cat", i % 4))).ToArray();
        var expected = Show(Tiny.Fill(_ml, Tiny.Fitted, rows));
        var results = new string[16];

        var threads = Enumerable.Range(0, 16).Select(i => new Thread(() => results[i] = Show(Tiny.Fill(new MLContext(i), Tiny.Fitted, rows)))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());

        Assert.All(results, result => Assert.Equal(expected, result));
    }

    [Fact]
    public void PredictionEngine_RowByRow_GivesTheSameCandidates()
    {
        using var path = new TemporaryDirectory();
        _ml.Model.Save(Tiny.Fitted, SmallCorpus.Load(_ml).Schema, path.File("m.zip"));
        using var engine = _ml.Model.CreatePredictionEngine<SmallCorpus.Row, FillMaskPrediction>(_ml.Model.Load(path.File("m.zip"), out _));
        var expected = Tiny.Fill(_ml, Tiny.Fitted, Texts);

        foreach (var (text, batch) in Texts.Zip(expected))
        {
            var one = engine.Predict(new SmallCorpus.Row { Text = text });
            Assert.Equal(batch.Tokens, one.Tokens);
            Assert.Equal(batch.Sequence, one.Sequence);
            Assert.All(batch.Scores.Zip(one.Scores), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public void Load_InAFreshProcess_PredictsTheSame()
    {
        using var path = new TemporaryDirectory();
        _ml.Model.Save(Tiny.Fitted, SmallCorpus.Load(_ml).Schema, path.File("m.zip"));

        var child = ChildProcess.Run(PredictInChild, path.File("m.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(PredictInChild(path.File("m.zip")), child.Result);
    }

    [Fact]
    public void SaveAndLoad_KeepHistoryPerplexityAndOptions()
    {
        using var path = new TemporaryDirectory();
        var options = new MlmOptions { MaxSteps = 4, EvaluationFraction = 0.3, EvaluateEveryNSteps = 2, RestoreBestWeights = true, LogEveryNSteps = 1, Prediction = new FillMaskOptions { TopK = 2, CandidateWords = ["cat", "dog", "fox"] } };
        using var start = PretrainedModel.FromTransformer(Tiny.Fitted);
        var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", start).Append(Tiny.Group(_ml));
        var fitted = tokens.Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", start, options)).Fit(SmallCorpus.Load(_ml));
        _ml.Model.Save(fitted, null, path.File("m.zip"));

        using var loaded = (TransformerChain<ITransformer>)_ml.Model.Load(path.File("m.zip"), out _);

        var again = (FillMaskTransformer)loaded.LastTransformer;
        Assert.Equal(6, again.History.Count);
        Assert.Equal(fitted.LastTransformer.History, again.History);
        Assert.Equal(fitted.LastTransformer.History.Min(r => r.EvaluationPerplexity), again.Perplexity);
        Assert.Equal(Show(Tiny.Fill(_ml, fitted, Texts)), Show(Tiny.Fill(_ml, loaded, Texts)));
        Assert.Equal(2, Tiny.Fill(_ml, loaded, Texts[0])[0].Tokens.Intersect(["cat", "dog", "fox"]).Count());
        fitted.Dispose();
    }

    [Fact]
    public void Fit_TargetThatTheVocabularyLacks_IsRefusedBeforeTraining()
    {
        using var start = PretrainedModel.FromTransformer(Tiny.Fitted);
        var rows = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", start).Append(Tiny.Group(_ml)).Fit(SmallCorpus.Load(_ml)).Transform(SmallCorpus.Load(_ml));
        var steps = 0;
        var options = new MlmOptions { Prediction = new FillMaskOptions { CandidateWords = ["☃"] }, Progress = new Listener(_ => steps++) };

        var exception = Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", start, options).Fit(rows));

        Assert.Contains("CandidateWords", exception.Message, StringComparison.Ordinal);
        Assert.Contains("☃", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, steps);
    }

    private static string PredictInChild(string path)
    {
        var ml = new MLContext();
        using var engine = ml.Model.CreatePredictionEngine<SmallCorpus.Row, FillMaskPrediction>(ml.Model.Load(path, out _));
        var filled = Texts.Select(text => engine.Predict(new SmallCorpus.Row { Text = text })).ToList();
        return Show(filled);
    }

    private static string Show(IEnumerable<FillMaskPrediction> rows) =>
        string.Join("; ", rows.Select(r => $"{r.Sequence}: {string.Join(' ', r.Tokens)} {string.Join(' ', r.Scores.Select(s => BitConverter.SingleToUInt32Bits(s).ToString("x8")))}"));

    private static List<List<(string Piece, float Score)>> Plain(string text)
    {
        var model = Tiny.Fitted.LastTransformer.Model;
        int[] ids = Tiny.Tokenizer.Template.Build(Tiny.Tokenizer.EncodeToIds(text)).Ids;
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var logits = ((MlNetBert.Models.MaskedLanguageModel)model.Network).forward(tensor(ids).to(ScalarType.Int64).unsqueeze(0))[0]; // [sequence, vocabulary]
        return
        [
            .. Enumerable.Range(0, ids.Length).Where(i => ids[i] == Tiny.Tokenizer.SpecialTokens.MaskTokenId).Select(i =>
            {
                var row = logits[i].data<float>().ToArray().Select(v => (double)v).ToArray();
                var largest = row.Max();
                var sum = row.Sum(v => Math.Exp(v - largest));
                return row.Take(Tiny.Tokenizer.Vocabulary.Count)
                    .Select((v, id) => (Tiny.Tokenizer.Vocabulary[id], (float)(Math.Exp(v - largest) / sum))).OrderByDescending(c => c.Item2).ToList();
            }),
        ];
    }

    private sealed class TokenRow
    {
        [KeyType(150)]
        public uint[] Tokens { get; set; } = [];
    }
}
