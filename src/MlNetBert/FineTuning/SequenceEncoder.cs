using MlNetBert.Inference;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;

namespace MlNetBert.FineTuning;

/// <summary>
/// Texts and pairs of texts as a model reads them: with the tokenizer's special tokens around them, and its token types.
/// Thread-safe.
/// </summary>
internal sealed class SequenceEncoder(PretrainedModel model, SequenceSettings settings)
{
    private readonly EncodeOptions _cut = new() { MaxLength = settings.MaxLength, TruncationSide = settings.TruncationSide };
    private readonly SubwordTokenizer _tokenizer = model.Tokenizer;
    private readonly ModelConfig _config = model.Config;

    /// <summary>The id that fills up a text.</summary>
    public int PaddingId => _tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Fine-tuning");

    /// <summary>Encodes a text or a pair.</summary>
    /// <param name="first">The text.</param>
    /// <param name="second">The second text; null for a text alone.</param>
    /// <param name="isCut">Whether it had more tokens than are read.</param>
    public EncodedText Encode(string first, string? second, out bool isCut)
    {
        var encoding = _tokenizer.Encode(first, second);
        isCut = encoding.Count > settings.MaxLength;
        if (isCut)
            encoding = _tokenizer.Encode(first, second, _cut);
        return _config.TextOf(encoding);
    }

    /// <summary>Encodes a row's texts, and counts those that are empty or cut.</summary>
    public EncodedText Encode((string First, string? Second) texts, RowCounts counts)
    {
        var isEmpty = string.IsNullOrWhiteSpace(texts.First) && string.IsNullOrWhiteSpace(texts.Second);
        var encoded = Encode(texts.First, texts.Second, out var isCut);
        counts.Empty += isEmpty ? 1 : 0;
        counts.Unread += !isEmpty && encoded.Ids.All(_tokenizer.Template.Contains) ? 1 : 0;
        counts.Cut += isCut ? 1 : 0;
        return encoded;
    }
}
