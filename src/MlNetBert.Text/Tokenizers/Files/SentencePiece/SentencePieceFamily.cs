using System.Text;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Models.Unigram;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>
/// What a family of models makes of a model of SentencePiece, as its class in transformers does: which ids the pieces have, and what is
/// done to texts before and behind them.
/// </summary>
/// <param name="file">The model.</param>
/// <param name="said">What tokenizer_config.json says.</param>
/// <param name="usual">The token that fits a role where the file says none, by <see cref="SpecialTokenRole"/>; null for none.</param>
internal abstract class SentencePieceFamily(SentencePieceFile file, FamilySettings said, IReadOnlyList<string?> usual)
{
    /// <summary>The order in which transformers adds the tokens of the roles that the vocabulary lacks.</summary>
    private static readonly SpecialTokenRole[] OrderOfAdding =
    [
        SpecialTokenRole.BeginningOfText, SpecialTokenRole.EndOfText, SpecialTokenRole.Unknown, SpecialTokenRole.Separator,
        SpecialTokenRole.Padding, SpecialTokenRole.Classification, SpecialTokenRole.Mask,
    ];

    /// <summary>The token that fits a role, by <see cref="SpecialTokenRole"/>; null for none.</summary>
    public IReadOnlyList<string?> Roles { get; } = [.. usual.Select((token, role) => said.Token((SpecialTokenRole)role) ?? token)];

    /// <summary>Whether its models are BPE.</summary>
    public virtual bool IsBytePair => false;

    protected SentencePieceFile File => file;

    protected FamilySettings Said => said;

    /// <summary>The pieces with their scores, in the order of their ids.</summary>
    protected virtual IEnumerable<KeyValuePair<string, double>> Pieces => file.Pieces;

    /// <summary>The id of the unknown piece.</summary>
    protected virtual int UnknownId => file.Trainer.UnkId;

    protected virtual TextNormalizer? Normalizer => file.Charsmap;

    protected virtual TextPreTokenizer? PreTokenizer => new SequencePreTokenizer(
        [new WhitespaceSplitPreTokenizer(), new MetaspacePreTokenizer { Prepend = Prepend }]);

    protected virtual TokenDecoder Decoder => new MetaspaceDecoder { Prepend = Prepend };

    /// <summary>Which parts of a text get a blank before them.</summary>
    protected virtual PrependScheme Prepend => said.AddPrefixSpace ? PrependScheme.Always : PrependScheme.Never;

    /// <summary>Special tokens that no role has.</summary>
    protected virtual IEnumerable<string> OtherTokens => [];

    /// <summary>Whether white space before the mask belongs to it, where nothing says so.</summary>
    protected virtual bool MaskStripsLeft => false;

    /// <summary>The token of a role that the family has.</summary>
    protected string Token(SpecialTokenRole role) => Roles[(int)role]!;

    /// <summary>Puts the tokenizer together.</summary>
    public TokenizerPipeline Build(string source)
    {
        SubwordModel model = CreateModel();
        var vocabulary = TokenizerVocabulary.Of(model, source);
        var added = new AddedTokenList(vocabulary);
        added.Add(Tokens(vocabulary).Select(token => new FoundToken(token, null, default)));
        return new TokenizerPipeline
        {
            Vocabulary = vocabulary,
            Normalizer = Normalizer,
            PreTokenizer = PreTokenizer,
            Model = model,
            Template = CreateTemplate(token => vocabulary.TryGetId(token, out int id)
                ? id
                : throw file.Fail("pieces", $"must have '{token}', which stands around texts")),
            Decoder = Decoder,
            AddedTokens = added.Tokens,
        };
    }

    /// <summary>Where special tokens stand around one text and around a pair.</summary>
    /// <param name="idOf">Gives the id of a token.</param>
    protected abstract SpecialTokenTemplate CreateTemplate(Func<string, int> idOf);

    /// <summary>Blanks for marks and characters for bytes, without the blank that was set before the text.</summary>
    protected static TokenDecoder CreateDecoder(bool dropsFirstBlank)
    {
        List<TokenDecoder> steps =
            [ReplaceDecoder.OfString(Metaspaces.Mark.ToString(), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        if (dropsFirstBlank)
            steps.Add(new StripDecoder(new Rune(' '), Start: 1, Stop: 0));
        return new SequenceDecoder(steps);
    }

    private SubwordModel CreateModel()
    {
        if (file.IsBytePair != IsBytePair)
            throw file.Fail("trainer_spec.model_type",
                $"is {file.Trainer.ModelType}, but models of this family are {(IsBytePair ? "BPE" : "unigram")}");
        KeyValuePair<string, double>[] pieces = [.. Pieces];
        if (!IsBytePair)
            return new UnigramModel(pieces, UnknownId, file.HasBytes);
        var ids = pieces.Select((piece, id) => KeyValuePair.Create(piece.Key, id)).ToDictionary(StringComparer.Ordinal);
        return new BytePairModel(ids, MergesOf(ids), new BytePairSettings { FuseUnknown = true, ByteFallback = true });
    }

    /// <summary>
    /// The merges that give the pieces, by the ids of what they give: SentencePiece keeps none. Of those that give one piece the shortest
    /// left one comes first.
    /// </summary>
    private static IEnumerable<(string Left, string Right)> MergesOf(Dictionary<string, int> ids)
    {
        foreach ((string piece, _) in ids.OrderBy(entry => entry.Value))
        {
            for (int length = 1; length < piece.Length; length++)
            {
                if (ids.ContainsKey(piece[..length]) && ids.ContainsKey(piece[length..]))
                    yield return (piece[..length], piece[length..]);
            }
        }
    }

    /// <summary>The added tokens: control pieces, those of the user, those of the roles, and the family's others.</summary>
    private IEnumerable<AddedToken> Tokens(TokenizerVocabulary vocabulary)
    {
        var roles = Roles.OfType<string>().Concat(OtherTokens).ToHashSet(StringComparer.Ordinal);
        for (int id = 0; id < file.Pieces.Count; id++)
        {
            string piece = file.Pieces[id].Key;
            bool isControl = file.Types[id] == PieceProto.Types.Type.Control;
            if ((isControl || file.Types[id] == PieceProto.Types.Type.UserDefined) && vocabulary.TryGetId(piece, out _))
                yield return new AddedToken(piece, isControl || roles.Contains(piece));
        }

        foreach (SpecialTokenRole role in OrderOfAdding)
        {
            if (Roles[(int)role] is { } token)
                yield return said.Named(token)
                    ?? new AddedToken(token) { LeftStrip = MaskStripsLeft && role == SpecialTokenRole.Mask };
        }

        foreach (string token in OtherTokens)
            yield return new AddedToken(token);
    }
}
