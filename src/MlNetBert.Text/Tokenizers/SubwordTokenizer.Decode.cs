using System.Buffers;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert;

public partial class SubwordTokenizer
{
    /// <summary>Joins the tokens of ids to a text, as Hugging Face's <c>decode</c> does; special tokens are left out, and blanks before
    /// punctuation taken out where the tokenizer does so.</summary>
    /// <param name="ids">Places in the vocabulary; one without a piece gives nothing.</param>
    /// <returns>The text. It is normalized: case and accents that encoding took do not come back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id is no place in the vocabulary.</exception>
    public sealed override string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: true);

    /// <summary>Joins the tokens of ids to a text, as Hugging Face's <c>decode</c> does.</summary>
    /// <param name="ids">Places in the vocabulary; one without a piece gives nothing.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <param name="cleanUpSpaces">Whether blanks before punctuation and contractions are taken out ("it ' s done" becomes "it's done").
    /// <see langword="null"/> by default: as <c>clean_up_tokenization_spaces</c> of tokenizer_config.json says, and where it says nothing,
    /// if blanks stand between tokens. With <see langword="false"/> the tokenizer's own decoder may still take some out, as it does with
    /// Hugging Face.</param>
    /// <returns>The text. It is normalized: case and accents that encoding took do not come back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id is no place in the vocabulary.</exception>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens, bool? cleanUpSpaces = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        IEnumerable<string> tokens = Kept(ids).Select(id => _addedTokens.FormOf(id) ?? Vocabulary[id]);
        string text = Pipeline.Decoder is { } decoder ? string.Concat(decoder.Decode(tokens)) : string.Join(' ', tokens);
        return cleanUpSpaces ?? CleansUpSpaces ? WordPieceDecoder.TakeBlanksOut(text) : text;

        IEnumerable<int> Kept(IEnumerable<int> all)
        {
            foreach (int id in all)
            {
                if ((uint)id >= (uint)Vocabulary.Count)
                    throw new ArgumentOutOfRangeException(nameof(ids), id,
                        FormattableString.Invariant($"An id must be from 0 to {Vocabulary.Count - 1}."));
                if (!(skipSpecialTokens && _special[id] && _added[id]) && _vocabulary.Has(id))
                    yield return id;
            }
        }
    }

    /// <summary>Whether a token stands for a byte: what bytes in a row spell is known where the row ends.</summary>
    internal bool IsByte(int id) => (uint)id < (uint)Vocabulary.Count && ByteCharacters.TryGetNamed(Vocabulary[id], out _);

    /// <summary>Joins the tokens of as many ids as a span has room for, as <see cref="Decode(IEnumerable{int})"/> does.</summary>
    /// <param name="ids">Places in the vocabulary.</param>
    /// <param name="destination">Takes the text.</param>
    /// <param name="idsConsumed">How many of the ids the text is of.</param>
    /// <param name="charsWritten">The length of the text.</param>
    /// <returns>Whether it is all of them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id is no place in the vocabulary.</exception>
    public sealed override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        int[] all = [.. ids];
        string text = Decode(all);
        int fits = text.Length <= destination.Length ? all.Length : 0;
        if (fits < all.Length)
        {
            text = string.Empty;
            (int low, int high) = (1, all.Length - 1);
            while (low <= high)
            {
                int middle = low + ((high - low) / 2);
                string part = Decode(all.Take(middle));
                if (part.Length > destination.Length)
                    high = middle - 1;
                else
                    (text, fits, low) = (part, middle, middle + 1);
            }
        }

        text.CopyTo(destination);
        (idsConsumed, charsWritten) = (fits, text.Length);
        return fits == all.Length ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }
}
