using System.Globalization;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Where sentences end, by the tokens alone: behind a token that ends with <c>.</c>, <c>!</c>, <c>?</c> or their like in other scripts, and
/// closing quotes and brackets behind it. Abbreviations are taken for ends; a point before a digit is none.
/// </summary>
internal sealed class SentenceEnds
{
    private const string Marks = ".!?\u2026\u3002\uFF01\uFF1F\u061F\u06D4\u0964";

    private readonly Kind[] _kinds;

    /// <summary>Looks at every piece of a vocabulary.</summary>
    public SentenceEnds(SubwordTokenizer tokenizer)
    {
        _kinds = new Kind[tokenizer.Vocabulary.Count];
        for (var id = 0; id < _kinds.Length; id++)
            _kinds[id] = tokenizer.IsSpecial(id) ? Kind.Word : KindOf(tokenizer.GetText(id).AsSpan().Trim());
    }

    private enum Kind
    {
        Word,
        Digit,
        Closing,
        End,
    }

    /// <summary>Finds the places behind sentences, where the next one begins or the text ends.</summary>
    /// <param name="tokens">The tokens of a text.</param>
    /// <param name="ends">Is emptied, and receives the places, ascending: a text without the end of a sentence has none.</param>
    public void Find(ReadOnlySpan<int> tokens, List<int> ends)
    {
        ends.Clear();
        for (var i = 0; i < tokens.Length; i++)
        {
            if (_kinds[tokens[i]] != Kind.End)
                continue;
            var next = i + 1;
            while (next < tokens.Length && _kinds[tokens[next]] is Kind.Closing or Kind.End)
                next++;
            if (next == tokens.Length || next > i + 1 || _kinds[tokens[next]] != Kind.Digit)
                ends.Add(next);
            i = next - 1;
        }
    }

    private static Kind KindOf(ReadOnlySpan<char> text) => text switch
    {
        [] => Kind.Word,
        [.., var last] when Marks.Contains(last, StringComparison.Ordinal) => Kind.End,
        [var first, ..] when char.IsDigit(first) => Kind.Digit,
        [var only] when char.GetUnicodeCategory(only) is UnicodeCategory.ClosePunctuation or UnicodeCategory.FinalQuotePunctuation =>
            Kind.Closing,
        _ => Kind.Word,
    };
}
