using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Roberta;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining;

/// <summary>Pretraining with a learned byte-level BPE, whose special tokens are RoBERTa's.</summary>
public sealed class LearnedBytePairsTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 5);
    private readonly TemporaryDirectory _directory = new();

    private static RobertaConfig Config => new()
    {
        VocabularySize = 320,
        HiddenSize = 32,
        LayerCount = 1,
        HeadCount = 2,
        IntermediateSize = 64,
        MaxPositions = Tiny.BlockLength + 2,
    };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void RobertaConfig_MadeInCode_HasThePaddingIdOfThePublishedModels()
    {
        Assert.Equal(1, Config.PadTokenId);
        Assert.Equal(Tiny.BlockLength, Config.MaxLength);
        Assert.Empty(Config.Validate());
    }

    [Fact]
    public void Pretrain_PaddingIdOfAnotherToken_IsRefusedWithBoth()
    {
        var refused = Assert.Throws<InvalidOptionsException>(() => Fit(Config with { PadTokenId = 0 }));

        Assert.Contains("Config.PadTokenId", Assert.Single(refused.Errors), StringComparison.Ordinal);
        Assert.Contains("the tokenizer's padding token (1)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_AfterPretraining_ShowsTheVocabularysOwnMaskInTheCard()
    {
        var path = _directory.File("model");
        using (var model = PretrainedModel.FromTransformer(Fit(Config)))
            model.Save(path);

        var card = File.ReadAllText(Path.Combine(path, ModelFiles.Card));
        Assert.Matches("with a vocabulary of [0-9]+ pieces, pretrained from scratch", card);
        Assert.Contains("| starts from | scratch |", card, StringComparison.Ordinal);

        Assert.Contains("(\"… <mask> …\")", card, StringComparison.Ordinal);
        Assert.DoesNotContain("[MASK]", card, StringComparison.Ordinal);
        using var bert = PretrainedModel.FromTransformer(Tiny.Fitted);
        bert.Save(_directory.File("bert"));
        Assert.Contains("(\"… [MASK] …\")", File.ReadAllText(_directory.File("bert/README.md")), StringComparison.Ordinal);
    }

    private TransformerChain<FillMaskTransformer> Fit(RobertaConfig config)
    {
        var options = new SubwordTokenizingOptions { Model = SubwordModelType.BytePair, VocabularySize = 300 };
        return _ml.Transforms.Text
            .TokenizeIntoSubwords("Tokens", "Text", options)
            .Append(Tiny.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options() with { Config = config }))
            .Fit(SmallCorpus.Load(_ml));
    }
}
