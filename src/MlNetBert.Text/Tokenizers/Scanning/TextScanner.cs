using MlNetBert.Text.Tokenizers.Models.WordPiece;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>Finds the words of a text: what normalizer and pre-tokenizer make of it.</summary>
internal abstract class TextScanner(TextNormalizer? normalizer, bool replacesInvalid)
{
    /// <summary>The scanner of a tokenizer: one pass for BERT's, cut into short words and parts where that can be, step by step for every
    /// other.</summary>
    public static TextScanner Of(TokenizerPipeline pipeline)
    {
        bool replaces = pipeline.InvalidText == InvalidTextHandling.Replace;
        return pipeline is { Model: WordPieceModel model, PreTokenizer: BertPreTokenizer }
            && BertNormalizer.In(pipeline.Normalizer) is ({ } bert, var composes)
                ? new WordScanner(bert, composes, model.MaxWordLength, replaces)
                : (TextScanner?)PartScanner.TryMake(pipeline)
                    ?? new PipelineScanner(pipeline.Normalizer, pipeline.PreTokenizer, replaces);
    }

    /// <summary>Normalizes a text.</summary>
    /// <param name="text">The text, or a part of one.</param>
    /// <param name="offset">Where that part begins.</param>
    /// <returns>The normalized text, with its places in the whole text.</returns>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16, and that is refused.</exception>
    public AlignedText Normalize(ReadOnlySpan<char> text, int offset)
    {
        var written = AlignedText.Of(text, offset, replacesInvalid);
        return normalizer is null ? written : normalizer.Normalize(written);
    }

    /// <summary>Whether no part of a text that begins so can be normalized by itself.</summary>
    protected bool MovesPlaces(ReadOnlySpan<char> beginning, int offset) =>
        normalizer is not null && normalizer.MovesPlaces(AlignedText.Of(beginning, offset, replacesInvalid));

    /// <summary>Whether a text is known to be normalized as it stands.</summary>
    public bool IsNormalized(ReadOnlySpan<char> text) =>
        !text.ContainsAnyInRange('\uD800', '\uDFFF') && normalizer?.MayChange(text) != true;

    /// <summary>Finds the words of a part of a text that is normalized already.</summary>
    /// <param name="text">The normalized text.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="length">Its length.</param>
    /// <param name="sink">Takes the words, with their places in the text that was normalized.</param>
    /// <typeparam name="TSink">A struct, so that the calls are inlined.</typeparam>
    public abstract void ScanNormalized<TSink>(AlignedText text, int start, int length, ref TSink sink)
        where TSink : struct, IWordSink;

    /// <summary>Finds the words of a text.</summary>
    /// <param name="text">The text, or a part of one.</param>
    /// <param name="offset">Where that part begins.</param>
    /// <param name="sink">Takes the words.</param>
    /// <typeparam name="TSink">A struct, so that the calls are inlined.</typeparam>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16, and that is refused.</exception>
    public abstract void Scan<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink)
        where TSink : struct, IWordSink;
}
