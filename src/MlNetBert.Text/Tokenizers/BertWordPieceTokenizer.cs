using System.Globalization;
using System.Text;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models.WordPiece;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// BERT's tokenizer: text to word pieces and back, equal to Hugging Face's BertTokenizerFast in ids and offsets (Wu et al. 2016).
/// Immutable and thread-safe.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class BertWordPieceTokenizer : SubwordTokenizer
{
    internal BertWordPieceTokenizer(TokenizerPipeline pipeline, TokenizerVocabulary vocabulary, string source)
        : base(pipeline, vocabulary, source) => Options = WordPieceTokenizerOptions.Of(pipeline, vocabulary);

    /// <summary>How text is treated.</summary>
    public WordPieceTokenizerOptions Options { get; }

    /// <summary>Whether a tokenizer is BERT's: one that <see cref="WordPieceTokenizerOptions"/> describes.</summary>
    internal static bool Serves(TokenizerPipeline pipeline) =>
        pipeline is { Model: WordPieceModel model, PreTokenizer: BertPreTokenizer, Decoder: WordPieceDecoder decoder }
            && decoder.Prefix == model.Prefix && BertNormalizer.In(pipeline.Normalizer).Bert is not null;

    private protected override byte[] DescribeSettings() => Encoding.UTF8.GetBytes(string.Join(
        '\n',
        Options.LowerCase,
        StripsAccents,
        Options.CleanText,
        Options.HandleChineseCharacters,
        string.Create(
            CultureInfo.InvariantCulture,
            $"SpecialTokens {{ Unknown = {SpecialTokens.UnknownTokenId}, Classification = {SpecialTokens.ClassificationTokenId}, "
                + $"Separator = {SpecialTokens.SeparatorTokenId}, Padding = {SpecialTokens.PaddingTokenId}, "
                + $"Mask = {SpecialTokens.MaskTokenId} }}"),
        Options.ContinuingPrefix,
        FormattableString.Invariant($"{Options.MaxWordLength}"),
        AddedIds(),
        string.Join('\n', AddedTokensById.Select(entry => Describe(entry.Id, entry.Token))),
        Options.ComposeAccents == true ? "NFC\n" : string.Empty) + DescribeTemplate());

    /// <summary>The template's tokens where they are not BERT's, and tokens for the ends of a text.</summary>
    private string DescribeTemplate()
    {
        (int? begin, int? end) = (SpecialTokens.BeginningOfTextTokenId, SpecialTokens.EndOfTextTokenId);
        var bert = SpecialTokenTemplate.CreateBert(SpecialTokens.ClassificationTokenId, SpecialTokens.SeparatorTokenId);
        string found = Describe(Template);
        return begin is null && end is null && found == Describe(bert)
            ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $"{begin} {end} {found}\n");

        static string Describe(SpecialTokenTemplate template) => string.Join(
            '|',
            new[] { template.Before, template.After, template.PairBefore, template.PairBetween, template.PairAfter }
                .Select(tokens => string.Join(' ', tokens.Select(token => token.Id.ToString(CultureInfo.InvariantCulture)))));
    }

    // A tokenizer that earlier builds could read has the fingerprint that it had with them.
    private string AddedIds()
    {
        int first = Pieces.ModelCount;
        return Pieces.Added.Count == 0 ? string.Empty
            : Pieces.Added.Count == Vocabulary.Count - first ? FormattableString.Invariant($"{first}")
            : string.Join(' ', Pieces.Added.Order().Select(id => id.ToString(CultureInfo.InvariantCulture)));
    }

    private static string Describe(int id, AddedToken token) => string.Create(
        CultureInfo.InvariantCulture,
        $"({id}, AddedToken {{ Content = {token.Content}, Special = {token.Special}, LeftStrip = {token.LeftStrip}, RightStrip = "
            + $"{token.RightStrip}, SingleWord = {token.SingleWord} }}){(token.Normalized ? " normalized" : "")}");
}
