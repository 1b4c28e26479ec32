using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Where sentences end, by the tokens alone: behind a token that ends with <c>.</c>, <c>!</c>, <c>?</c> or their like in other scripts, and
/// closing quotes and brackets behind it. A straight quote closes where it follows without a blank, or where one is open. In vocabularies
/// that mark blanks the next sentence begins with one, but for marks of Chinese and its like; in others a point before a digit is no end.
/// Abbreviations are taken for ends.
/// </summary>
internal sealed class SentenceEnds
{
    private const string SpacedMarks = ".!?\u2026";
    private const string OtherMarks = "\u3002\uFF01\uFF1F\u061F\u06D4\u0964";
    private const int MostParts = 4; // bytes of a character

    private readonly Kind[] _kinds;
    private readonly bool[] _beginsWithBlank;
    private readonly bool[] _endsWithBlank;
    private readonly bool[] _turnsQuotes;
    private readonly Dictionary<int, byte[]> _parts = [];
    private readonly bool _marksBlanks;

    /// <summary>Looks at every piece of a vocabulary.</summary>
    public SentenceEnds(SubwordTokenizer tokenizer)
    {
        var count = tokenizer.Vocabulary.Count;
        (_kinds, _turnsQuotes, _beginsWithBlank, _endsWithBlank) = (new Kind[count], new bool[count], new bool[count], new bool[count]);
        for (var id = 0; id < count; id++)
        {
            (_beginsWithBlank[id], _endsWithBlank[id]) = (tokenizer.HasBlank(id, isEnd: false), tokenizer.HasBlank(id, isEnd: true));
            _marksBlanks |= _beginsWithBlank[id];
            if (tokenizer.IsSpecial(id))
                _beginsWithBlank[id] = true;
            else if (tokenizer.GetBytes(id) is var bytes && !Utf8.IsValid(bytes))
                _parts.Add(id, bytes);
            else
                (_kinds[id], _turnsQuotes[id]) = (KindOf(tokenizer.GetText(id)), tokenizer.GetText(id).Count(c => c == '"') % 2 == 1);
        }
    }

    private enum Kind
    {
        Word,
        Blank,
        Digit,
        Quote,
        Apostrophe,
        Closing,
        SpacedEnd,
        End,
    }

    /// <summary>Finds the places behind sentences, where the next one begins or the text ends.</summary>
    /// <param name="tokens">The tokens of a text.</param>
    /// <param name="ends">Is emptied, and receives the places, ascending: a text without the end of a sentence has none.</param>
    public void Find(ReadOnlySpan<int> tokens, List<int> ends)
    {
        ends.Clear();
        var (place, quoted) = (0, false);
        while (place < tokens.Length)
        {
            var kind = Read(tokens, place, out var next);
            quoted ^= _turnsQuotes[tokens[place]];
            place = next;
            if (kind is not (Kind.SpacedEnd or Kind.End))
                continue;
            var isClosed = false;
            while (BehindBlanks(tokens, place) is var at && at < tokens.Length
                && Read(tokens, at, out next) is var behind && Closes(behind, quoted, IsBehindBlank(tokens, at)))
            {
                kind = behind == Kind.End ? behind : kind;
                quoted ^= _turnsQuotes[tokens[at]];
                (place, isClosed) = (next, true);
            }

            if (place == tokens.Length || kind == Kind.End
                || (_marksBlanks ? IsBehindBlank(tokens, place) : isClosed || _kinds[tokens[place]] != Kind.Digit))
            {
                ends.Add(place);
            }
        }
    }

    /// <summary>The next place that holds more than a blank.</summary>
    private int BehindBlanks(ReadOnlySpan<int> tokens, int place)
    {
        while (place < tokens.Length && _kinds[tokens[place]] == Kind.Blank)
            place++;
        return place;
    }

    private bool IsBehindBlank(ReadOnlySpan<int> tokens, int place) =>
        _beginsWithBlank[tokens[place]] || (place > 0 && _endsWithBlank[tokens[place - 1]]);

    private bool Closes(Kind kind, bool isQuoted, bool isBehindBlank) => kind switch
    {
        Kind.Closing or Kind.SpacedEnd or Kind.End => true,
        Kind.Quote => isQuoted || (_marksBlanks && !isBehindBlank),
        Kind.Apostrophe => _marksBlanks && !isBehindBlank,
        _ => false,
    };

    /// <summary>What stands at a place: a token, or those that have the parts of characters together.</summary>
    private Kind Read(ReadOnlySpan<int> tokens, int place, out int next)
    {
        next = place + 1;
        if (!_parts.TryGetValue(tokens[place], out var bytes))
            return _kinds[tokens[place]];
        for (var end = next; end < tokens.Length && end < place + MostParts && _parts.TryGetValue(tokens[end], out var more); end++)
        {
            bytes = [.. bytes, .. more];
            if (!Utf8.IsValid(bytes))
                continue;
            next = end + 1;
            return KindOf(Encoding.UTF8.GetString(bytes));
        }

        return Kind.Word;
    }

    private static Kind KindOf(string piece)
    {
        var text = piece.AsSpan().Trim();
        if (text is ['"'])
            return Kind.Quote;
        if (text is ['\''])
            return Kind.Apostrophe;
        while (text.Length > 1 && (text[^1] is '"' or '\'' || IsClosing(text[^1])))
            text = text[..^1];
        return text switch
        {
            [] => Kind.Blank,
            [.., var last] when SpacedMarks.Contains(last, StringComparison.Ordinal) => Kind.SpacedEnd,
            [.., var last] when OtherMarks.Contains(last, StringComparison.Ordinal) => Kind.End,
            [var first, ..] when char.IsDigit(first) => Kind.Digit,
            [var only] when IsClosing(only) => Kind.Closing,
            _ => Kind.Word,
        };
    }

    private static bool IsClosing(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.ClosePunctuation or UnicodeCategory.FinalQuotePunctuation;
}
