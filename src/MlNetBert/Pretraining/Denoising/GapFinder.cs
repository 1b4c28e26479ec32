using MlNetBert.Training.Objectives.Denoising;

namespace MlNetBert.Pretraining.Denoising;

/// <summary>
/// Finds the gaps of a text that is to be restored: the tokenizer's mask token, <c>&lt;mask&gt;</c>, <c>[MASK]</c>, and sentinels. Gaps
/// side by side are one. Immutable and thread-safe.
/// </summary>
internal sealed class GapFinder
{
    /// <summary>What stands for a gap among ids.</summary>
    public const int Gap = -1;

    private static readonly string[] Masks = ["<mask>", "[MASK]"];

    private readonly SubwordTokenizer _tokenizer;
    private readonly HashSet<int> _gaps;
    private readonly List<int[]> _spelled = [];

    /// <summary>Prepares the search in texts.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    public GapFinder(SubwordTokenizer tokenizer)
    {
        _tokenizer = tokenizer.WithAddedTokens(Masks);
        _gaps = [.. Masks.Select(IdOf), .. Sentinels.Of(_tokenizer).Ids];
        if (_tokenizer.SpecialTokens.MaskTokenId is { } mask)
            _gaps.Add(mask);
    }

    /// <summary>Prepares the search among tokens, too.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="column">The tokenizer that the tokens were made with, which may lack sentinels: they are then spelled out.</param>
    public GapFinder(SubwordTokenizer tokenizer, SubwordTokenizer column)
        : this(tokenizer)
    {
        var forms = Masks.Concat(Sentinels.Of(tokenizer).Ids.Select((_, number) => Sentinels.NameOf(number)));
        foreach (var form in forms.Where(form => !column.TryGetId(form, out var id) || !column.IsAdded(id)))
        {
            foreach (var text in new[] { form, " " + form })
            {
                var ids = column.EncodeToIds(text);
                if (ids.Length > 1 && !ids.Contains(column.SpecialTokens.UnknownTokenId ?? Gap))
                    _spelled.Add(ids);
            }
        }

        _spelled.Sort((one, other) => other.Length.CompareTo(one.Length));
    }

    /// <summary>The ids of a text, without special tokens added; <see cref="Gap"/> where something is to be restored.</summary>
    public int[] Read(string text) => Joined(_tokenizer.EncodeToIds(text));

    /// <summary>The same of tokens.</summary>
    public int[] Read(ReadOnlySpan<int> ids)
    {
        var found = new List<int>(ids.Length);
        for (var place = 0; place < ids.Length; place++)
        {
            var spelled = Find(ids[place..]);
            found.Add(spelled is null ? ids[place] : Gap);
            place += (spelled?.Length ?? 1) - 1;
        }

        return Joined([.. found]);
    }

    private int[]? Find(ReadOnlySpan<int> ids)
    {
        foreach (var spelled in _spelled)
        {
            if (ids.StartsWith(spelled))
                return spelled;
        }

        return null;
    }

    private int[] Joined(int[] ids)
    {
        var joined = new List<int>(ids.Length);
        foreach (var id in ids)
        {
            var isGap = id == Gap || _gaps.Contains(id);
            if (!isGap || joined is not [.., Gap])
                joined.Add(isGap ? Gap : id);
        }

        return [.. joined];
    }

    private int IdOf(string content) => _tokenizer.TryGetId(content, out var id) ? id : Gap;
}
