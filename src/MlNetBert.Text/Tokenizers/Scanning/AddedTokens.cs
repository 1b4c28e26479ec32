using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>
/// Cuts a text at its added tokens, as Hugging Face's AddedVocabulary: first at those that are sought in the text as it is written, then,
/// in the normalized rest, at those that are sought there.
/// </summary>
internal sealed class AddedTokens
{
    private readonly AddedTokenMatcher _written;
    private readonly AddedTokenMatcher? _normalized;
    private readonly Dictionary<int, string> _forms = [];
    private readonly TextScanner _scanner;

    public AddedTokens(IReadOnlyList<(int Id, AddedToken Token)> tokens, TextScanner scanner, string source)
    {
        _scanner = scanner;
        _written = new AddedTokenMatcher(
            tokens.Where(entry => !entry.Token.Normalized).Select(entry => (entry.Id, entry.Token, entry.Token.Content)));
        var normalized = new List<(int Id, AddedToken Token, string Text)>();
        foreach ((int id, AddedToken token) in
            tokens.Where(entry => entry.Token.Normalized).OrderByDescending(entry => entry.Token.Special))
        {
            string form = scanner.Normalize(token.Content, 0).Text;
            if (form.Length == 0)
                throw new TokenizerFormatException(source,
                    $"the added token '{token.Content}' is sought in normalized text, but nothing is left of it there. Say normalized: "
                        + "false for it, or leave it out.");
            _forms[id] = form;
            normalized.Add((id, token, form));
        }

        _normalized = normalized.Count == 0 ? null : new AddedTokenMatcher(normalized);
    }

    /// <summary>What a token decodes to: its normalized form, where that is what is sought; else null.</summary>
    public string? FormOf(int id) => _forms.GetValueOrDefault(id);

    /// <summary>Finds the words and added tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="sink">Takes them.</param>
    /// <typeparam name="TSink">A struct, so that the calls are inlined.</typeparam>
    public void Scan<TSink>(ReadOnlySpan<char> text, ref TSink sink)
        where TSink : struct, IWordSink
    {
        AddedTokenMatcher.Search tokens = _written.In(text);
        int taken = 0;
        while (tokens.TryFind(taken, out AddedTokenMatch match))
        {
            if (taken < match.Start)
                ScanRest(text[taken..match.Start], taken, ref sink);
            sink.Token(match.Id, new TokenOffset(match.Start, match.End));
            taken = match.End;
        }

        ScanRest(text[taken..], taken, ref sink);
    }

    private void ScanRest<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink)
        where TSink : struct, IWordSink
    {
        if (_normalized is null || !ScanNormalized(_normalized, text, offset, ref sink))
            _scanner.Scan(text, offset, ref sink);
    }

    /// <summary>Scans a text that holds normalized tokens; gives false, and does nothing, where it holds none.</summary>
    private bool ScanNormalized<TSink>(AddedTokenMatcher tokens, ReadOnlySpan<char> text, int offset, ref TSink sink)
        where TSink : struct, IWordSink
    {
        int taken = 0;
        if (_scanner.IsNormalized(text) && !tokens.In(text).TryFind(taken, out _))
            return false;
        AlignedText normalized = _scanner.Normalize(text, offset);
        string rest = normalized.Text;
        AddedTokenMatcher.Search found = tokens.In(rest);
        if (!found.TryFind(taken, out AddedTokenMatch match))
            return false;
        do
        {
            if (taken < match.Start)
                _scanner.ScanNormalized(normalized, taken, match.Start - taken, ref sink);
            sink.Token(match.Id, normalized.Original(new TokenOffset(match.Start, match.End)));
            taken = match.End;
        }
        while (found.TryFind(taken, out match));

        _scanner.ScanNormalized(normalized, taken, rest.Length - taken, ref sink);
        return true;
    }
}
