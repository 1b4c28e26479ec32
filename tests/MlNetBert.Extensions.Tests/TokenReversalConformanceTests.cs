using System.Text.Json;
using MlNetBert;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using Stranger.BagOfEmbeddings;
using Stranger.TokenReversal;

namespace Stranger;

public sealed class TokenReversalConformanceTests : ObjectiveConformanceTests
{
    private const int Words = 30;

    [Fact]
    public void Prepare_AShortBlock_AsksForItsTokensFromTheEnd()
    {
        var batch = (ReversalBatch)Create(skipped: 0).Prepare([5], default);

        Assert.Equal([2, 17, 18, 19, 20, 3, 0, 0], batch.InputIds);
        Assert.Equal([3, 20, 19, 18, 17, 2], batch.Labels);
        Assert.Equal([0, 1, 2, 3, 4, 5], batch.Positions);
    }

    protected override Objective Create() => Create(skipped: 0.2);

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize((ReversalBatch)batch);

    private static TokenReversalObjective Create(double skipped) =>
        new(Model(), new PretrainingData(Blocks(), Tokenizer(), new TokenReversalOptions { SkippedFraction = skipped }, Seed: 7));

    private static SubwordTokenizer Tokenizer() =>
        SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Words - 5).Select(word => $"w{word}")]);

    private static MaskedLanguageModel Model()
    {
        var architecture = BagArchitecture.Instance;
        var config = architecture.CreateConfig(new ModelSize("test", 1, 16, 2), Words, maxPositions: 8, new ModelTokenIds(0, 2, 3)).WithDropout(0);
        return (MaskedLanguageModel)architecture.Create(ModelHead.MaskedLanguageModel, config, seed: 3);
    }

    /// <summary>[CLS] words [SEP]: six blocks of eight tokens, the last one of six.</summary>
    private static BlockArray Blocks()
    {
        var blocks = new BlockArray(8, Words);
        for (var block = 0; block < 6; block++)
            blocks.Add([2, .. Enumerable.Range(0, block == 5 ? 4 : 6).Select(i => 5 + ((i + (12 * block)) % 24)), 3]);
        return blocks;
    }
}
