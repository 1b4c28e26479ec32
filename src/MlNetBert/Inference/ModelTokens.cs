using Microsoft.ML;
using MlNetBert.Tokenization;

namespace MlNetBert.Inference;

/// <summary>Holds a token column against a model's tokenizer.</summary>
internal static class ModelTokens
{
    /// <summary>Checks that a column's tokens are ids of the tokenizer's pieces.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are another vocabulary's.</exception>
    public static void RequireSameVocabulary(DataViewSchema.Column column, SubwordTokenizer tokenizer)
    {
        var size = ((Microsoft.ML.Data.KeyDataViewType)((Microsoft.ML.Data.VectorDataViewType)column.Type).ItemType).Count;
        // Tokens that an objective has added above the pieces, such as sentinels, change no id.
        var isPart = size < (ulong)tokenizer.Vocabulary.Count
            && Enumerable.Range((int)size, tokenizer.Vocabulary.Count - (int)size).All(tokenizer.IsAdded);
        if (size != (ulong)tokenizer.Vocabulary.Count && !isPart)
            throw Other(column, $"{size} pieces", $"{tokenizer.Vocabulary.Count} pieces");
        if (TokenColumn.PiecesOf(column) is not { } pieces)
            return;
        for (var id = 0; id < pieces.Length; id++)
        {
            if (pieces[id] != tokenizer.Vocabulary[id])
                throw Other(column, $"the piece '{pieces[id]}' with id {id}", $"'{tokenizer.Vocabulary[id]}'");
        }
    }

    /// <summary>
    /// The id of a word: the one piece that it has behind a blank ("Ġgood", "▁good"), else the piece that is spelled as it is given, else
    /// its first piece behind a blank.
    /// </summary>
    /// <exception cref="ArgumentException">The vocabulary has no piece for the word.</exception>
    public static int FirstPiece(this SubwordTokenizer tokenizer, string word)
    {
        var pieces = tokenizer.EncodeToIds(tokenizer.NeedsBlankBefore(word) ? " " + word : word);
        var isKnown = pieces.Length > 0 && pieces[0] != tokenizer.SpecialTokens.UnknownTokenId;
        if (!(isKnown && pieces.Length == 1) && tokenizer.TryGetId(word, out var id))
            return id;
        return isKnown
            ? pieces[0]
            : throw new ArgumentException(
                $"CandidateWords must be words of the model's vocabulary, but it has no piece for '{word}'. Leave it out.", nameof(word));
    }

    /// <summary>Whether a word that is encoded by itself needs a blank before it to have the mark that it has in a text.</summary>
    public static bool NeedsBlankBefore(this SubwordTokenizer tokenizer, ReadOnlySpan<char> word) =>
        !word.IsEmpty && !char.IsWhiteSpace(word[0]) && tokenizer.Pipeline.NeedsBlankBeforeWord;

    private static ArgumentOutOfRangeException Other(DataViewSchema.Column column, string found, string expected) => new(
        "inputColumnName",
        $"Column '{column.Name}' was tokenized with another vocabulary than the model's: expected {expected}, found {found}. Tokenize "
            + "with the model's own tokenizer (TokenizeIntoWordPieces(…, model.Tokenizer)).");
}
