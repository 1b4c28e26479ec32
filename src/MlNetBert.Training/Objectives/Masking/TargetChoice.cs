using MlNetBert.Text.Randomness;

namespace MlNetBert.Training.Objectives.Masking;

/// <summary>
/// Which tokens of a block masked language modeling is to predict: tokens, whole words, or spans of words. The expected fraction of the
/// ordinary tokens is the probability, whatever the unit; a block with an ordinary token has at least one target. A word of more tokens
/// than are to be targets of the block is none: its tokens are chosen each by itself (BERT leaves such words out).
/// </summary>
internal sealed class TargetChoice
{
    private readonly SubwordTokenizer _tokenizer;
    private readonly MaskingUnit _masking;
    private readonly bool[] _special;

    /// <summary>Makes the choice of a vocabulary.</summary>
    public TargetChoice(SubwordTokenizer tokenizer, MaskingUnit masking)
    {
        (_tokenizer, _masking) = (tokenizer, masking);
        _special = new bool[tokenizer.Vocabulary.Count];
        for (var id = 0; id < _special.Length; id++)
            _special[id] = tokenizer.IsSpecial(id);
    }

    /// <summary>The ids that may become targets.</summary>
    public IEnumerable<int> Ordinary => Enumerable.Range(0, _special.Length).Where(id => !_special[id]);

    /// <summary>Whether a token is never a target.</summary>
    public bool IsSpecial(int id) => _special[id];

    /// <summary>The targets of a block, ascending.</summary>
    /// <param name="block">The block's ids.</param>
    /// <param name="draws">The random numbers; each choice has those of its place in the block.</param>
    /// <param name="number">The block's number.</param>
    /// <param name="probability">The expected fraction of the ordinary tokens.</param>
    public List<TargetRange> Choose(ReadOnlySpan<int> block, PhiloxStream draws, long number, double probability)
    {
        var units = Cut(Units(block), probability);
        return _masking == MaskingUnit.Spans
            ? Spans(units, draws, number, probability, draws.Words(number, block.Length).X0)
            : Independent(units, draws, number, probability);
    }

    /// <summary>Tokens, or words where these are masked as a whole.</summary>
    private List<TargetRange> Units(ReadOnlySpan<int> block)
    {
        var units = new List<TargetRange>();
        for (var start = 0; start < block.Length; start++)
        {
            if (_special[block[start]])
                continue;
            var end = start + 1;
            if (_masking != MaskingUnit.Tokens)
            {
                while (end < block.Length && !_special[block[end]] && _tokenizer.ContinuesWord(block[end], block[end - 1]))
                    end++;
            }

            units.Add(new TargetRange(start, end));
            start = end - 1;
        }

        return units;
    }

    /// <summary>The units, those with more tokens than a block is to have targets cut into their tokens.</summary>
    private static List<TargetRange> Cut(List<TargetRange> units, double probability)
    {
        var most = Math.Max(1, Math.Round(probability * units.Sum(unit => unit.Length)));
        return units.TrueForAll(unit => unit.Length <= most)
            ? units
            : [.. units.SelectMany(unit => unit.Length <= most
                ? [unit]
                : Enumerable.Range(unit.Start, unit.Length).Select(place => new TargetRange(place, place + 1)))];
    }

    /// <summary>Each unit by its own number; where none is chosen, the one with the lowest number.</summary>
    private static List<TargetRange> Independent(List<TargetRange> units, PhiloxStream draws, long number, double probability)
    {
        var threshold = (ulong)(probability * (1UL << 32));
        var chosen = new List<TargetRange>();
        var lowest = -1;
        var lowestDraw = uint.MaxValue;
        for (var i = 0; i < units.Count; i++)
        {
            var draw = draws.Words(number, units[i].Start).X0;
            if (draw < threshold)
                chosen.Add(units[i]);
            else if (lowest < 0 || draw < lowestDraw)
                (lowest, lowestDraw) = (i, draw);
        }

        if (chosen.Count == 0 && lowest >= 0)
            chosen.Add(units[lowest]);
        return chosen;
    }

    /// <summary>
    /// Spans that begin at words in random order, until the tokens are as many as wanted. A word that is longer than what is left is taken
    /// with the probability that keeps the expected number right, and is the last one.
    /// </summary>
    private static List<TargetRange> Spans(List<TargetRange> words, PhiloxStream draws, long number, double probability, uint lastDraw)
    {
        var starts = words.Select((word, i) => (Draw: draws.Words(number, word.Start).X0, Word: i)).Order().ToList();
        var left = probability * words.Sum(word => word.Length);
        var taken = new bool[words.Count];
        var chosen = new List<TargetRange>();
        foreach (var (_, first) in starts)
        {
            if (taken[first])
                continue;
            var most = Math.Min(words.Count, first + SpanLengths.Of(draws.Words(number, words[first].Start).X3));
            var next = first;
            var isLast = false;
            while (next < most && !isLast && !taken[next] && (next == first || words[next].Start == words[next - 1].End))
            {
                isLast = words[next].Length >= left;
                if (isLast && lastDraw * (1.0 / (1UL << 32)) * words[next].Length >= left)
                    break;
                left -= words[next].Length;
                taken[next++] = true;
            }

            if (next > first)
                chosen.Add(new TargetRange(words[first].Start, words[next - 1].End));
            if (isLast)
                break;
        }

        if (chosen.Count == 0 && starts.Count > 0)
            chosen.Add(words[starts[0].Word]);
        chosen.Sort((one, other) => one.Start.CompareTo(other.Start));
        return chosen;
    }
}
