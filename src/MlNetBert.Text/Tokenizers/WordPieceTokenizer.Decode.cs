using System.Text;

namespace MlNetBert.Text.Tokenizers;

public sealed partial class WordPieceTokenizer
{
    /// <summary>Joins the pieces of ids to a text, as Hugging Face's <c>decode</c> does.</summary>
    /// <param name="ids">Places in the vocabulary; one without a piece gives nothing.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out; <see langword="true"/> by default.</param>
    /// <param name="cleanUpSpaces">Whether blanks before punctuation and contractions are taken out («it ' s done» becomes «it's done»);
    /// <see langword="true"/> by default. Without it the blank before a single piece of punctuation still goes where
    /// <see cref="WordPieceTokenizerOptions.CleanUpPieces"/> says so, as it does with Hugging Face.</param>
    /// <returns>The text. It is normalised: case and accents that encoding took do not come back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id is no place in the vocabulary.</exception>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens = true, bool cleanUpSpaces = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var text = new StringBuilder();
        bool first = true;
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)Vocabulary.Count)
                throw new ArgumentOutOfRangeException(nameof(ids), id,
                    FormattableString.Invariant($"An id must be from 0 to {Vocabulary.Count - 1}."));
            if ((skipSpecialTokens && _special[id]) || !_vocabulary.Has(id))
                continue;
            AppendPiece(text, _addedTokens.FormOf(id) ?? Vocabulary[id], first);
            first = false;
        }

        return cleanUpSpaces ? CleanUp(text).ToString() : text.ToString();
    }

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
