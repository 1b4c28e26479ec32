using MlNetBert.SequenceToSequence;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.SequenceToSequence;

public sealed class TextPairEncoderTests : IDisposable
{
    private readonly PretrainedModel _words = PretrainedModel.FromTransformer(TinyClm.Fitted);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _words.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void EncodeSource_OfATokenizerThatReadsNoLineBreaks_EndsWithTheSeparator()
    {
        var encoder = Encoder(_words, new SequenceToSequenceOptions());

        var ids = encoder.EncodeSource("the cat", out var isCut);

        Assert.Equal("[CLS] the cat [SEP]", Pieces(_words, ids));
        Assert.Equal("mat cat [SEP]", Pieces(_words, encoder.EncodeTarget("mat cat", out _)));
        Assert.False(isCut);
    }

    [Fact]
    public void EncodeSource_OfATokenizerOfBytes_EndsWithALineBreak()
    {
        using var bytes = PretrainedModel.FromDirectory(TinyCausal.Of(_directory));
        var encoder = Encoder(bytes, new SequenceToSequenceOptions { SourcePrefix = "say: " });

        Assert.Equal(" say: ab cd\n", bytes.Tokenizer.Decode(encoder.EncodeSource("ab cd", out _))); // a blank before a text's first word
        Assert.Equal(bytes.GenerationFiles.EndIds[0], encoder.EncodeTarget("cd", out _)[^1]);
        Assert.Equal("cd", encoder.Decode(encoder.EncodeTarget("cd", out _)));
    }

    [Theory]
    [InlineData(9, "[CLS] the cat sits near the mat near the", false)]
    [InlineData(8, "[CLS] the cat sits near the near the", true)]
    [InlineData(5, "[CLS] the cat near the", true)]
    public void EncodeSource_LongerThanTheLimit_KeepsTheSuffix(int maxLength, string expected, bool cut)
    {
        var encoder = Encoder(_words, new SequenceToSequenceOptions { SourceSuffix = " near the", MaxTargetLength = 4 }, maxLength);

        var ids = encoder.EncodeSource("the cat sits near the mat", out var isCut);

        Assert.Equal((expected, cut), (Pieces(_words, ids), isCut));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void Create_PrefixAndSuffixThatFillASource_AreRefused(int maxLength, bool refused)
    {
        var options = new SequenceToSequenceOptions { SourcePrefix = "the ", SourceSuffix = " near the", MaxTargetLength = 4 };

        if (!refused)
        {
            Assert.Equal("[CLS] the cat near the", Pieces(_words, Encoder(_words, options, maxLength).EncodeSource("cat mat", out _)));
            return;
        }

        var exception = Assert.Throws<InvalidOptionsException>(() => Encoder(_words, options, maxLength));
        Assert.Contains("SourceSuffix", exception.Message, StringComparison.Ordinal);
        Assert.Contains("at least 5", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EncodeTarget_LongerThanTheLimit_IsCutAndKeepsTheEnd()
    {
        var encoder = Encoder(_words, new SequenceToSequenceOptions { MaxTargetLength = 3 });

        Assert.Equal("the cat [SEP]", Pieces(_words, encoder.EncodeTarget("the cat sits", out var isCut)));
        Assert.True(isCut);
        Assert.Equal("the cat [SEP]", Pieces(_words, encoder.EncodeTarget("the cat", out isCut)));
        Assert.False(isCut);
    }

    private static TextPairEncoder Encoder(PretrainedModel model, SequenceToSequenceOptions options, int maxLength = 16) =>
        new(model, TextPairFormat.Of(options, model), maxLength);

    private static string Pieces(PretrainedModel model, int[] ids) => string.Join(' ', ids.Select(id => model.Tokenizer.Vocabulary[id]));
}
