using MlNetBert.Embeddings;
using MlNetBert.FillMask;
using MlNetBert.Generation;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Inference;

/// <summary>Texts of models that have no longest text, whose attention is beyond all memory.</summary>
public sealed class ReadingMemoryTests
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("cat ", 400_000));

    [Theory]
    [InlineData("t5")]
    [InlineData("xlnet")]
    public void Embed_TextBeyondMemory_IsRefusedWithNumbers(string architecture)
    {
        using var model = Model(architecture, ModelHead.Encoder);

        AssertNumbers(Assert.Throws<InsufficientMemoryException>(() => { new TextEmbedder(model, new EmbeddingOptions { Device = "cpu" }).Embed(Text); }), "MaxLength");
        AssertNumbers(Assert.Throws<InsufficientMemoryException>(() => { new TokenEmbedder(model, new TokenEmbeddingOptions { Device = "cpu" }).Embed(Text); }), "MaxLength");
        Assert.Equal(32, new TextEmbedder(model, new EmbeddingOptions { Device = "cpu", MaxLength = 16 }).Embed(Text).Length);
    }

    [Fact]
    public void Fill_TextBeyondMemory_IsRefusedWithNumbers()
    {
        using var model = Model("xlnet", ModelHead.PermutationLanguageModel);

        AssertNumbers(Assert.Throws<InsufficientMemoryException>(() => { new MaskFiller(model, new FillMaskOptions { Device = "cpu" }).Fill(Text + "[MASK]"); }), "BatchSize");
    }

    [Fact]
    public void Generate_PromptBeyondMemory_IsRefusedWithNumbers()
    {
        using var model = Model("t5", ModelHead.SequenceToSequence);

        AssertNumbers(Assert.Throws<InsufficientMemoryException>(() => { new TextGenerator(model, new GenerationOptions { Device = "cpu", MaxNewTokens = 2 }).Generate(Text); }), "shorter prompt");
    }

    private static void AssertNumbers(InsufficientMemoryException exception, string remedy)
    {
        Assert.Contains("GB are available", exception.Message, StringComparison.Ordinal);
        Assert.Contains("40000", exception.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, exception.Message, StringComparison.Ordinal);
    }

    private static PretrainedModel Model(string architecture, ModelHead head)
    {
        var owner = ModelArchitecture.Get(architecture);
        var config = owner.CreateConfig(new ModelSize("test", 1, 32, 2), Tiny.Tokenizer.Vocabulary.Count, 24, new ModelTokenIds(0, 2, 3));
        return new PretrainedModel(new SharedModel(owner.Create(head, config, seed: 1), Tiny.Tokenizer.With(maxLength: 10_000_000), "made here"));
    }
}
