using Microsoft.ML;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Tests.Inference;

/// <summary>How models are opened whose files are not whole or contradict each other.</summary>
public sealed class OpeningTests : IDisposable
{
    private const string Query = "bert.encoder.layer.0.attention.self.query.weight";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void FromDirectory_WithoutAnEncoderWeight_IsRefusedByName()
    {
        var path = Checkpoint.Of(_directory);
        Checkpoint.Remove(path, Query);

        var exception = Assert.Throws<ModelFormatException>(() => PretrainedModel.FromDirectory(path));

        Assert.Contains(Query, exception.Message, StringComparison.Ordinal);
        Assert.Contains("AllowMissing", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromDirectory_AllowMissing_IsTrainedOnAndPredictsNothing()
    {
        var path = Checkpoint.Of(_directory);
        Checkpoint.Remove(path, Query);
        var ml = new MLContext(seed: 1);

        using var model = PretrainedModel.FromDirectory(path, new PretrainedModelOptions { AllowMissing = true });

        Assert.Contains(Query, Assert.Single(model.Warnings), StringComparison.Ordinal);
        Assert.Contains(Query, Assert.Throws<InvalidOperationException>(() => new TextEmbedder(model)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new TokenEmbedder(model));
        Assert.Throws<InvalidOperationException>(() => ml.Transforms.Text.EmbedText("Features", "Text", model));
        Assert.Throws<InvalidOperationException>(() => ml.Transforms.Text.EmbedTokens("Features", "Text", model));
        Assert.Throws<InvalidOperationException>(() => new MlNetBert.FillMask.MaskFiller(model));
        using var trained = PretrainedModel.From(ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model)
            .Append(Tiny.Group(ml)).Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model, new MlmOptions { MaxSteps = 1, Device = "cpu" })).Fit(SmallCorpus.Load(ml)));
        Assert.Empty(trained.Warnings);
        Assert.Equal(32, new TextEmbedder(trained).Embed(["The cat."])[0].Length);
    }

    [Fact]
    public void FromDirectory_TokenizerPrecedence_DecidesAndIsSaved()
    {
        var path = Checkpoint.Of(_directory);
        var configuration = Path.Combine(path, ModelFiles.TokenizerConfig);
        File.WriteAllText(configuration, File.ReadAllText(configuration).Replace("\"do_lower_case\": true", "\"do_lower_case\": false", StringComparison.Ordinal));
        Assert.Throws<TokenizerFormatException>(() => PretrainedModel.FromDirectory(path));

        using var model = PretrainedModel.FromDirectory(path, new PretrainedModelOptions { TokenizerPrecedence = TokenizerPrecedence.TokenizerConfig });
        model.Save(_directory.File("saved"));
        using var saved = PretrainedModel.FromDirectory(_directory.File("saved"));

        Assert.False(model.Tokenizer.Options.LowerCase);
        Assert.Equal(model.Tokenizer.Fingerprint, saved.Tokenizer.Fingerprint);
        Assert.Equal(File.ReadAllBytes(Path.Combine(path, ModelFiles.Weights)), File.ReadAllBytes(Path.Combine(_directory.File("saved"), ModelFiles.Weights)));
    }

    [Fact]
    public void Open_Zip_TakesTheOptions()
    {
        var ml = new MLContext();
        ml.Model.Save(Tiny.Fitted, null, _directory.File("m.zip"));
        using var source = ModelSource.Find(_directory.File("m.zip"));

        using var model = source.Open(new PretrainedModelOptions { InvalidText = InvalidTextHandling.Replace });
        using var other = source.Open();

        Assert.Equal(InvalidTextHandling.Replace, model.Tokenizer.Options.InvalidText);
        Assert.Equal(InvalidTextHandling.Refuse, other.Tokenizer.Options.InvalidText);
        Assert.Equal(InvalidTextHandling.Replace, source.OpenTokenizer(new PretrainedModelOptions { InvalidText = InvalidTextHandling.Replace }).Options.InvalidText);
        model.Save(_directory.File("saved"));
        Assert.Equal(model.Tokenizer.Fingerprint, WordPieceTokenizer.FromDirectory(_directory.File("saved")).Fingerprint);
    }

    [Fact]
    public void FromDirectory_OptionsThatCannotBe_AreRefusedTogether()
    {
        var options = new PretrainedModelOptions { TokenizerPrecedence = (TokenizerPrecedence)7, InvalidText = (InvalidTextHandling)7 };

        Assert.Equal(2, Assert.Throws<InvalidOptionsException>(() => PretrainedModel.FromDirectory(_directory.Path, options)).Faults.Count);
    }
}
