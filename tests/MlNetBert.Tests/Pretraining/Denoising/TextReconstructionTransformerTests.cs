using Microsoft.ML;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining.Denoising;

public class TextReconstructionTransformerTests
{
    private const DenoisingCorruption Spans = DenoisingCorruption.SpanCorruption;
    private const DenoisingCorruption Infilling = DenoisingCorruption.TextInfilling;

    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData(Spans)]
    [InlineData(Infilling)]
    public void Transform_GapsInAnySpelling_AreTheSame(DenoisingCorruption corruption)
    {
        string[] texts = ["The cat [MASK] near the roof.", "The cat <mask> near the roof.", "The cat [MASK] [MASK] near the roof.", "The cat <extra_id_0> near the roof."];
        using var model = PretrainedModel.FromTransformer(TinyDenoising.Fitted(corruption));
        using var ofTexts = new TextReconstructionTransformer(_ml, "Prediction", "Text", model.Share(), corruption, new GenerationOptions { MaxNewTokens = 14 });
        var expected = TinyDenoising.Read(_ml, ofTexts, texts[0])[0].Text;
        // A text-infilling model's tokenizer has no sentinels: there they are text.
        var same = corruption == Spans ? texts : texts[..3];

        Assert.All(TinyDenoising.Read(_ml, ofTexts, same), row => Assert.Equal(expected, row.Text));
        Assert.Equal(expected, TinyDenoising.Read(_ml, TinyDenoising.Fitted(corruption), texts[0])[0].Text);
    }

    [Fact]
    public void Transform_TextWithoutAGap_StaysAsItIsForSpansAndIsWrittenAgainForInfilling()
    {
        var messages = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => messages.Add(e.Message);
        using var spans = PretrainedModel.FromTransformer(TinyDenoising.Fitted(Spans));
        using var restoring = new TextReconstructionTransformer(ml, "Prediction", "Text", spans.Share(), Spans, new GenerationOptions());
        using var infilling = PretrainedModel.FromTransformer(TinyDenoising.Fitted(Infilling));
        using var writing = new TextReconstructionTransformer(ml, "Prediction", "Text", infilling.Share(), Infilling, new GenerationOptions());

        var kept = TinyDenoising.Read(ml, restoring, "The cat sits near the mat.", "The [MASK] sits near the mat.", "");
        var written = TinyDenoising.Read(ml, writing, "The cat sits near the mat.");

        Assert.Equal(["the cat sits near the mat.", ""], [kept[0].Text, kept[2].Text]);
        Assert.Equal([true, false, true], kept.Select(row => float.IsNaN(row.Score)));
        Assert.False(float.IsNaN(written[0].Score));
        Assert.Contains(messages, message => message.Contains("1 of the rows so far have no gap", StringComparison.Ordinal) && message.Contains("stay as they are", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Contains("written again as a whole", StringComparison.Ordinal));
    }

    [Fact]
    public void Transform_MoreGapsThanSentinels_LeavesTheLastEmptyAndSaysSo()
    {
        var messages = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => messages.Add(e.Message);
        using var model = PretrainedModel.FromTransformer(TinyDenoising.Fitted(Spans));
        using var transformer = new TextReconstructionTransformer(ml, "Prediction", "Text", model.Share(), Spans, new GenerationOptions { MaxNewTokens = 2 });

        var row = TinyDenoising.Read(ml, transformer, string.Concat(Enumerable.Repeat("the [MASK] ", 250)))[0];

        Assert.EndsWith("the the the", row.Text, StringComparison.Ordinal);
        Assert.Contains(messages, message => message.Contains("more gaps than the tokenizer has sentinels", StringComparison.Ordinal));
    }

    [Fact]
    public void Transform_OfARow_DependsOnNoOther()
    {
        var fitted = TinyDenoising.Fitted(Infilling);

        var alone = TinyDenoising.Read(_ml, fitted, "The fox [MASK] the river.")[0];
        var among = TinyDenoising.Read(_ml, fitted, "The [MASK].", "The fox [MASK] the river.", "", "The dog sleeps near the [MASK].");

        Assert.Equal(alone.Text, among[1].Text);
        Assert.Equal(alone.Score, among[1].Score, 1e-4);
    }
}
