namespace MlNetBert.Text.Tokenizers;

/// <summary>An encoded text: parallel lists with an entry per token.</summary>
[Experimental("MLNETBERT001")]
public sealed class TokenEncoding
{
    private readonly IReadOnlyList<string> _vocabulary;

    internal TokenEncoding(IReadOnlyList<string> vocabulary, int[] ids, TokenOffset[] offsets, int[] typeIds, int[] attentionMask,
        int[] specialTokensMask)
    {
        _vocabulary = vocabulary;
        Ids = ids;
        Offsets = offsets;
        TokenTypeIds = typeIds;
        AttentionMask = attentionMask;
        SpecialTokensMask = specialTokensMask;
    }

    /// <summary>The ids of the tokens: places in the vocabulary.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>Where each token comes from, in UTF-16 units of its own text; [0, 0) for added special and padding tokens.</summary>
    public IReadOnlyList<TokenOffset> Offsets { get; }

    /// <summary>
    /// 0 for a text alone; in a pair 0 for the first text and its special tokens and 1 for the second, unless tokenizer.json says
    /// otherwise; padding has 0.
    /// </summary>
    public IReadOnlyList<int> TokenTypeIds { get; }

    /// <summary>1 for a token, 0 for padding.</summary>
    public IReadOnlyList<int> AttentionMask { get; }

    /// <summary>1 for a special or padding token that was added, 0 for a token of the text (also where the text says [MASK]).</summary>
    public IReadOnlyList<int> SpecialTokensMask { get; }

    /// <summary>The pieces.</summary>
    public IReadOnlyList<string> Tokens => field ??= [.. Ids.Select(id => _vocabulary[id])];

    /// <summary>How many tokens there are.</summary>
    public int Count => Ids.Count;
}
