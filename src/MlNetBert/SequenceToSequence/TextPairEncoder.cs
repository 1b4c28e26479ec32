using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.SequenceToSequence;

/// <summary>Sources and targets as a model reads and writes them. Thread-safe.</summary>
internal sealed class TextPairEncoder
{
    private static readonly EncodeOptions Bare = new() { AddSpecialTokens = false };

    private readonly SubwordTokenizer _tokenizer;
    private readonly int _maxLength;
    private readonly bool _continues;
    private readonly IReadOnlyList<int> _ends;

    /// <summary>Creates an encoder.</summary>
    /// <param name="model">The model.</param>
    /// <param name="format">How texts become tokens.</param>
    /// <param name="maxLength">Tokens of a source, special tokens included.</param>
    /// <exception cref="InvalidOperationException">No token ends a text.</exception>
    /// <exception cref="InvalidOptionsException">The prefix and the suffix leave no token for a source.</exception>
    public TextPairEncoder(PretrainedModel model, TextPairFormat format, int maxLength)
    {
        (_tokenizer, Format, _maxLength, _continues) = (model.Tokenizer, format, maxLength, TextPairFormat.Continues(model));
        _ends = [.. model.GenerationFiles.EndIds.Where(id => id < model.Config.VocabularySize)];
        if (_ends.Count == 0)
            throw new InvalidOperationException(
                $"Fine-tuning text to text needs a token that ends a text, or what the model writes would have no end, but none of "
                    + $"{ModelFiles.GenerationConfig}, {ModelFiles.Config} and the tokenizer of {model.Source} names one of the model's. "
                    + $"Name it as eos_token_id in {ModelFiles.GenerationConfig}.");
        var around = Added + _tokenizer.Encode(format.Prefix + format.Suffix, options: Bare).Count + (format.SuffixId is null ? 0 : 1);
        new OptionsValidator()
            .Require(around < maxLength, nameof(SequenceToSequenceOptions.MaxLength), maxLength, string.Create(
                CultureInfo.InvariantCulture,
                $"must be at least {around + 1}: {nameof(SequenceToSequenceOptions.SourcePrefix)}, "
                    + $"{nameof(SequenceToSequenceOptions.SourceSuffix)} and special tokens take {around}, and a source is to have one"))
            .ThrowIfAny(nameof(SequenceToSequenceOptions));
    }

    /// <summary>How texts become tokens.</summary>
    public TextPairFormat Format { get; }

    /// <summary>The id that fills up a source.</summary>
    public int PaddingId => _tokenizer.SpecialTokens.PaddingTokenId ?? _ends[0];

    // Special tokens of a source: those behind it are the target's where a model continues it.
    private int Added => _continues ? _tokenizer.Template.Before.Count : _tokenizer.Template.AddedCount;

    /// <summary>The tokens of a source, with its prefix, suffix and special tokens.</summary>
    /// <param name="text">The source.</param>
    /// <param name="isCut">Whether its last tokens were left out; never those of the suffix.</param>
    public int[] EncodeSource(string text, out bool isCut)
    {
        var begun = Format.Prefix + text;
        var encoding = _tokenizer.Encode(begun + Format.Suffix, options: Bare);
        var suffix = encoding.Offsets.Count(offset => offset.Start >= begun.Length && offset.End > offset.Start);
        int[] ids = [.. encoding.Ids, .. Format.SuffixId is { } special ? [special] : Array.Empty<int>()];
        suffix += ids.Length - encoding.Count;
        var room = _maxLength - Added;
        isCut = ids.Length > room;
        if (isCut)
            ids = [.. ids[..Math.Max(0, room - suffix)], .. ids[^Math.Min(suffix, room)..]];
        return _continues
            ? [.. _tokenizer.Template.Before.Select(token => token.Id), .. ids]
            : _tokenizer.Template.Build(ids).Ids;
    }

    /// <summary>The tokens of a target, with its special tokens and one that ends it.</summary>
    /// <param name="text">The target.</param>
    /// <param name="isCut">Whether its last tokens were left out.</param>
    public int[] EncodeTarget(string text, out bool isCut)
    {
        var ids = _tokenizer.EncodeToIds(text);
        var around = Closed([]).Length;
        var room = Math.Max(0, Format.MaxTargetLength - around);
        isCut = ids.Length > room;
        return Closed(isCut ? ids[..room] : ids);
    }

    /// <summary>A target's tokens as text, without special tokens and blanks around it: some tokenizers set one before each text.</summary>
    public string Decode(IEnumerable<int> ids) => Generation.ContinuationDecoder.Decode(_tokenizer, ids).Trim();

    // A text-to-text model's targets have the special tokens of any text.
    private int[] Closed(int[] ids)
    {
        int[] built = _continues ? ids : _tokenizer.Template.Build(ids).Ids;
        return built is [.., var last] && !_continues && _ends.Contains(last) ? built : [.. built, _ends[0]];
    }
}
