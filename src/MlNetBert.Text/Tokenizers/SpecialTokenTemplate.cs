namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// Where a tokenizer puts special tokens around one text and around a pair, and the token types of a pair: the post-processor of
/// tokenizer.json. A text alone has type 0. Immutable and thread-safe.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class SpecialTokenTemplate
{
    /// <summary>The template that adds nothing; the second text of a pair has type 1.</summary>
    public static SpecialTokenTemplate None { get; } = new() { SecondTypeId = 1 };

    /// <summary>The tokens before a text alone.</summary>
    /// <value>None by default.</value>
    public IReadOnlyList<TemplateToken> Before { get; init; } = [];

    /// <summary>The tokens behind a text alone.</summary>
    /// <value>None by default.</value>
    public IReadOnlyList<TemplateToken> After { get; init; } = [];

    /// <summary>The tokens before the first text of a pair.</summary>
    /// <value>None by default.</value>
    public IReadOnlyList<TemplateToken> PairBefore { get; init; } = [];

    /// <summary>The tokens between the two texts of a pair.</summary>
    /// <value>None by default.</value>
    public IReadOnlyList<TemplateToken> PairBetween { get; init; } = [];

    /// <summary>The tokens behind the second text of a pair.</summary>
    /// <value>None by default.</value>
    public IReadOnlyList<TemplateToken> PairAfter { get; init; } = [];

    /// <summary>The token type of a pair's first text.</summary>
    /// <value>0 by default.</value>
    public int FirstTypeId { get; init; }

    /// <summary>The token type of a pair's second text.</summary>
    /// <value>0 by default.</value>
    public int SecondTypeId { get; init; }

    /// <summary>How many tokens are added to a text alone.</summary>
    public int AddedCount => Before.Count + After.Count;

    /// <summary>How many tokens are added to a pair.</summary>
    public int PairAddedCount => PairBefore.Count + PairBetween.Count + PairAfter.Count;

    /// <summary>The greatest token type of a pair.</summary>
    public int MaxTypeId => Tokens.Select(token => token.TypeId).Append(FirstTypeId).Append(SecondTypeId).Max();

    /// <summary>The ids of all tokens that are added to one text or to a pair, each once.</summary>
    public IReadOnlyList<int> TokenIds => field ??= [.. Tokens.Select(token => token.Id).Distinct()];

    private IEnumerable<TemplateToken> Tokens => [.. Before, .. After, .. PairBefore, .. PairBetween, .. PairAfter];

    /// <summary>BERT's: [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with type 1 from B on. A token that is null is left out.</summary>
    /// <param name="classificationTokenId">The id of [CLS].</param>
    /// <param name="separatorTokenId">The id of [SEP].</param>
    /// <returns>The template.</returns>
    public static SpecialTokenTemplate CreateBert(int? classificationTokenId, int? separatorTokenId)
    {
        TemplateToken[] before = classificationTokenId is { } first ? [new(first, 0)] : [];
        TemplateToken[] separator = separatorTokenId is { } second ? [new(second, 0)] : [];
        TemplateToken[] last = [.. separator.Select(token => token with { TypeId = 1 })];
        return new SpecialTokenTemplate
        {
            Before = before,
            After = separator,
            PairBefore = before,
            PairBetween = separator,
            PairAfter = last,
            SecondTypeId = 1,
        };
    }

    /// <summary>
    /// RoBERTa's: <c>&lt;s&gt; A &lt;/s&gt;</c>, and <c>&lt;s&gt; A &lt;/s&gt; &lt;/s&gt; B &lt;/s&gt;</c>, all of type 0.
    /// </summary>
    /// <param name="classificationTokenId">The id of <c>&lt;s&gt;</c>.</param>
    /// <param name="separatorTokenId">The id of <c>&lt;/s&gt;</c>.</param>
    /// <returns>The template.</returns>
    public static SpecialTokenTemplate CreateRoberta(int classificationTokenId, int separatorTokenId)
    {
        TemplateToken[] before = [new(classificationTokenId, 0)];
        TemplateToken[] after = [new(separatorTokenId, 0)];
        return new SpecialTokenTemplate
        {
            Before = before,
            After = after,
            PairBefore = before,
            PairBetween = [.. after, .. after],
            PairAfter = after,
        };
    }

    /// <summary>
    /// Llama's and GPT-2's where they are asked to mark the ends: <c>&lt;s&gt; A &lt;/s&gt;</c>, and
    /// <c>&lt;s&gt; A &lt;/s&gt; &lt;s&gt; B &lt;/s&gt;</c> with type 1 from the second <c>&lt;s&gt;</c> on. A token that is null is left
    /// out.
    /// </summary>
    internal static SpecialTokenTemplate CreateWithEnds(int? beginningTokenId, int? endTokenId)
    {
        TemplateToken[] before = beginningTokenId is { } first ? [new(first, 0)] : [];
        TemplateToken[] after = endTokenId is { } last ? [new(last, 0)] : [];
        return new SpecialTokenTemplate
        {
            Before = before,
            After = after,
            PairBefore = before,
            PairBetween = [.. after, .. before.Select(token => token with { TypeId = 1 })],
            PairAfter = [.. after.Select(token => token with { TypeId = 1 })],
            SecondTypeId = 1,
        };
    }

    /// <summary>How many tokens are added.</summary>
    /// <param name="pair">Whether to a pair, rather than to a text alone.</param>
    /// <returns>The number.</returns>
    public int GetAddedCount(bool pair) => pair ? PairAddedCount : AddedCount;

    /// <summary>Whether a token is one of those that are added.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Whether it is.</returns>
    public bool Contains(int id) => TokenIds.Contains(id);

    /// <summary>Puts the special tokens around a text alone.</summary>
    /// <param name="first">Its ids, [tokens].</param>
    /// <returns>All tokens, and where the text begins.</returns>
    public TemplatedTokens Build(ReadOnlySpan<int> first)
    {
        int[] ids = new int[first.Length + AddedCount];
        int[] types = new int[ids.Length];
        Write(Before, ids, types, 0);
        first.CopyTo(ids.AsSpan(Before.Count));
        Write(After, ids, types, Before.Count + first.Length);
        return new TemplatedTokens(ids, types, Before.Count, null);
    }

    /// <summary>Puts the special tokens around a pair.</summary>
    /// <param name="first">The ids of the first text, [tokens].</param>
    /// <param name="second">The ids of the second text, [tokens].</param>
    /// <returns>All tokens, and where the texts begin.</returns>
    public TemplatedTokens Build(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        int[] ids = new int[first.Length + second.Length + PairAddedCount];
        int[] types = new int[ids.Length];
        int between = PairBefore.Count + first.Length;
        int start = between + PairBetween.Count;
        Write(PairBefore, ids, types, 0);
        first.CopyTo(ids.AsSpan(PairBefore.Count));
        types.AsSpan(PairBefore.Count, first.Length).Fill(FirstTypeId);
        Write(PairBetween, ids, types, between);
        second.CopyTo(ids.AsSpan(start));
        types.AsSpan(start, second.Length).Fill(SecondTypeId);
        Write(PairAfter, ids, types, start + second.Length);
        return new TemplatedTokens(ids, types, PairBefore.Count, start);
    }

    /// <summary>The two tokens of a template that is RoBERTa's; null for any other.</summary>
    internal (int Classification, int Separator)? AsRoberta() =>
        this is { FirstTypeId: 0, SecondTypeId: 0, Before: [{ TypeId: 0 } first], After: [{ TypeId: 0 } last] }
            && PairBefore.SequenceEqual(Before) && PairBetween.SequenceEqual([last, last]) && PairAfter.SequenceEqual(After)
            ? (first.Id, last.Id)
            : null;

    /// <summary>The template with another token for one of it, among those before a text or among all others.</summary>
    internal SpecialTokenTemplate Replace(int? id, int? by, bool opening)
    {
        if (id is null || by is null || id == by)
            return this;
        TemplateToken[] Replaced(IReadOnlyList<TemplateToken> tokens) =>
            [.. tokens.Select(token => token.Id == id ? token with { Id = by.Value } : token)];
        return new SpecialTokenTemplate
        {
            Before = opening ? Replaced(Before) : Before,
            After = opening ? After : Replaced(After),
            PairBefore = opening ? Replaced(PairBefore) : PairBefore,
            PairBetween = opening ? PairBetween : Replaced(PairBetween),
            PairAfter = opening ? PairAfter : Replaced(PairAfter),
            FirstTypeId = FirstTypeId,
            SecondTypeId = SecondTypeId,
        };
    }

    private static void Write(IReadOnlyList<TemplateToken> tokens, int[] ids, int[] types, int place)
    {
        foreach (TemplateToken token in tokens)
        {
            ids[place] = token.Id;
            types[place++] = token.TypeId;
        }
    }
}
