namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>RoBERTa's special tokens, which vocabularies that are not BERT's begin with (Liu et al. 2019).</summary>
internal static class RobertaTokens
{
    private const int Begin = 0;
    private const int Padding = 1;
    private const int End = 2;
    private const int Mask = 4;

    /// <summary>The place of the token for what a vocabulary cannot spell.</summary>
    public const int Unknown = 3;

    /// <summary>The ids by role.</summary>
    public static SpecialTokens Ids { get; } = new()
    {
        BeginningOfTextTokenId = Begin,
        ClassificationTokenId = Begin,
        PaddingTokenId = Padding,
        EndOfTextTokenId = End,
        SeparatorTokenId = End,
        UnknownTokenId = Unknown,
        MaskTokenId = Mask,
    };

    /// <summary>A pipeline with these tokens and further ones, which have the first ids; its model is yet to be learned.</summary>
    public static TokenizerPipeline Around(TokenizerPipeline pipeline, SubwordTrainerOptions options) => pipeline with
    {
        // As in RoBERTa, the blank before a mask belongs to it, so that it stands for a word with its blank.
        AddedTokens =
        [
            .. SpecialTokenNames.OfRoberta.Select((token, id) => new AddedToken(token) { LeftStrip = id == Mask }),
            .. options.SpecialTokens.Select(token => new AddedToken(token)),
        ],
        SpecialTokens = Ids,
        Template = SpecialTokenTemplate.CreateRoberta(Begin, End),
        MaxLength = options.MaxLength,
        InvalidText = options.InvalidText,
    };
}
