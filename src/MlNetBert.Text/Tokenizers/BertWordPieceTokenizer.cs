using System.Diagnostics;
using System.Globalization;
using System.Text;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalization;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// BERT's tokenizer: text to word pieces and back, equal to Hugging Face's BertTokenizerFast in ids and offsets (Wu et al. 2016).
/// Immutable and thread-safe.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class BertWordPieceTokenizer : SubwordTokenizer
{
    private readonly AddedTokens _addedTokens;
    private readonly PieceSpeller _speller;

    internal BertWordPieceTokenizer(
        TokenizerVocabulary vocabulary,
        WordPieceTokenizerOptions options,
        string source,
        SpecialTokenTemplate? template = null,
        KeptSections? kept = null)
        : this(vocabulary, options, source, Settle(vocabulary, options, source), template, kept ?? KeptSections.None)
    {
    }

    private BertWordPieceTokenizer(TokenizerVocabulary vocabulary, WordPieceTokenizerOptions options, string source,
        (SpecialTokens Special, IReadOnlyList<(int Id, AddedToken Token)> Added) tokens, SpecialTokenTemplate? template, KeptSections kept)
        : base(vocabulary, tokens.Special, template ?? BertTemplate(tokens.Special), tokens.Added, kept)
    {
        Options = options;
        var scanner = new WordScanner(options);
        _addedTokens = new AddedTokens(tokens.Added, scanner, options, source);
        _speller = new PieceSpeller(vocabulary, tokens.Special, options);
    }

    /// <summary>How text is treated.</summary>
    public WordPieceTokenizerOptions Options { get; }

    /// <inheritdoc/>
    public override string ModelType => "WordPiece";

    /// <inheritdoc/>
    public override int? MaxLength => Options.ModelMaxLength;

    /// <inheritdoc/>
    public override InvalidTextHandling InvalidText => Options.InvalidText;

    /// <inheritdoc/>
    public override bool LowersCase => Options.LowerCase;

    /// <inheritdoc/>
    public override bool StripsAccents => Options.EffectiveStripAccents;

    /// <inheritdoc/>
    public override bool ContinuesWord(int id)
    {
        string prefix = Options.ContinuingPrefix;
        return prefix.Length > 0 && (uint)id < (uint)Vocabulary.Count && Vocabulary[id].Length > prefix.Length
            && Vocabulary[id].StartsWith(prefix, StringComparison.Ordinal) && Pieces.IsSpelt(id);
    }

    /// <inheritdoc/>
    public override SubwordTokenizer With(int? maxLength = null, InvalidTextHandling? invalidText = null) => new BertWordPieceTokenizer(
        Pieces,
        Options with { ModelMaxLength = maxLength ?? Options.ModelMaxLength, InvalidText = invalidText ?? Options.InvalidText },
        "vocabulary",
        Template,
        Kept);

    /// <summary>What <see cref="SubwordTokenizer.Save"/> writes: vocab.txt, tokenizer.json, tokenizer_config.json and
    /// special_tokens_map.json, as transformers does.</summary>
    /// <returns>The files: a content per file name.</returns>
    public override IReadOnlyDictionary<string, byte[]> ToFiles() => TokenizerFilesWriter.Write(this);

    internal override string WithoutMark(int id) =>
        ContinuesWord(id) ? Vocabulary[id][Options.ContinuingPrefix.Length..] : Vocabulary[id];

    private protected override void Tokenize(ReadOnlySpan<char> text, List<int> ids, List<TokenOffset>? offsets)
    {
        if (offsets is null)
        {
            var sink = new IdSink(_speller, ids);
            _addedTokens.Scan(text, ref sink);
        }
        else
        {
            var sink = new OffsetSink(_speller, ids, offsets);
            _addedTokens.Scan(text, ref sink);
        }
    }

    private protected override string Join(IEnumerable<int> ids, bool cleanUpSpaces)
    {
        var text = new StringBuilder();
        bool first = true;
        foreach (int id in ids)
        {
            AppendPiece(text, _addedTokens.FormOf(id) ?? Vocabulary[id], first);
            first = false;
        }

        return cleanUpSpaces ? CleanUp(text).ToString() : text.ToString();
    }

    private protected override string DescribeSettings() => string.Join(
        '\n',
        Options.LowerCase,
        Options.EffectiveStripAccents,
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
        Options.ComposeAccents == true ? "NFC\n" : string.Empty) + DescribeTemplate();

    /// <summary>The template's tokens where they are not BERT's, and tokens for the ends of a text.</summary>
    private string DescribeTemplate()
    {
        (int? begin, int? end) = (SpecialTokens.BeginningOfTextTokenId, SpecialTokens.EndOfTextTokenId);
        SpecialTokenTemplate bert = BertTemplate(SpecialTokens);
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

    private static SpecialTokenTemplate BertTemplate(SpecialTokens special) =>
        SpecialTokenTemplate.CreateBert(special.ClassificationTokenId, special.SeparatorTokenId);

    private static (SpecialTokens Special, IReadOnlyList<(int Id, AddedToken Token)> Added) Settle(
        TokenizerVocabulary vocabulary, WordPieceTokenizerOptions options, string source)
    {
        options.Validate();
        AddedToken[] named = [.. NamedSpecialTokens(options)];
        vocabulary.Require([.. named.Select(token => token.Content), .. options.AddedTokens.Select(token => token.Content)], source);
        int IdOf(string piece) => vocabulary.TryGetId(piece, out int id) ? id : throw new UnreachableException();
        AddedToken[] added = [.. named, .. options.AddedTokens];
        added = [.. added.Reverse().DistinctBy(token => token.Content, StringComparer.Ordinal)]; // what the options say of [MASK] wins
        int? RoleOf(string? piece) => piece is null ? null : IdOf(piece);
        var special = new SpecialTokens
        {
            UnknownTokenId = RoleOf(options.UnknownToken),
            ClassificationTokenId = RoleOf(options.ClassificationToken),
            SeparatorTokenId = RoleOf(options.SeparatorToken),
            PaddingTokenId = RoleOf(options.PaddingToken),
            MaskTokenId = RoleOf(options.MaskToken),
            BeginningOfTextTokenId = RoleOf(options.BeginningOfTextToken),
            EndOfTextTokenId = RoleOf(options.EndOfTextToken),
        };
        return (special, [.. added.Select(token => (IdOf(token.Content), token)).OrderBy(entry => entry.Item1)]);
    }

    private static IEnumerable<AddedToken> NamedSpecialTokens(WordPieceTokenizerOptions options) =>
        new[]
        {
            options.PaddingToken, options.UnknownToken, options.ClassificationToken, options.SeparatorToken, options.MaskToken,
            options.BeginningOfTextToken, options.EndOfTextToken,
        }
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Select(token => new AddedToken(token));

    private void AppendPiece(StringBuilder text, string piece, bool first)
    {
        string prefix = Options.ContinuingPrefix; // where it is empty, every piece begins with it
        int start = text.Length;
        if (first)
            text.Append(piece);
        else if (piece.StartsWith(prefix, StringComparison.Ordinal))
            text.Append(piece, prefix.Length, piece.Length - prefix.Length);
        else
            text.Append(' ').Append(piece);
        int blank = piece.IndexOf(' ', StringComparison.Ordinal);
        if (!Options.CleanUpPieces || (blank < 0 && (piece.Length == 0 || char.IsAsciiLetterOrDigit(piece[0]))))
            return; // holds nothing to clean up
        string joined = CleanUp(new StringBuilder(text.ToString(start, text.Length - start))).Replace(" do not", " don't").ToString();
        text.Length = start;
        text.Append(joined);
    }

    private static StringBuilder CleanUp(StringBuilder text) => text
        .Replace(" .", ".").Replace(" ?", "?").Replace(" !", "!").Replace(" ,", ",")
        .Replace(" ' ", "'").Replace(" n't", "n't").Replace(" 'm", "'m").Replace(" 's", "'s").Replace(" 've", "'ve").Replace(" 're", "'re");
}
