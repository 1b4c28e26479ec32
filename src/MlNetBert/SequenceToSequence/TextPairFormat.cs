using Microsoft.ML;
using MlNetBert.Models;
using MlNetBert.Models.Configuration;

namespace MlNetBert.SequenceToSequence;

/// <summary>How sources and targets become tokens, settled for one model.</summary>
/// <param name="Prefix">What stands before each source.</param>
/// <param name="Suffix">What stands behind each source.</param>
/// <param name="SuffixId">The special token that stands there instead; null for none.</param>
/// <param name="MaxTargetLength">Tokens of a target, special tokens included.</param>
internal sealed record TextPairFormat(string Prefix, string Suffix, int? SuffixId, int MaxTargetLength)
{
    private const int DefaultMaxTargetLength = 128;
    private const string LineBreak = "\n";

    /// <summary>Tokens of a target where nothing is said: of a causal model's positions, half are the source's.</summary>
    public static int DefaultTargetLengthOf(PretrainedModel model) =>
        Math.Min(DefaultMaxTargetLength, Continues(model) ? model.Config.LongestSequence / 2 : model.Config.LongestSequence);

    /// <summary>Whether a model reads a source and writes the target behind it, as causal models do.</summary>
    /// <exception cref="InvalidOperationException">The model writes no texts.</exception>
    public static bool Continues(PretrainedModel model)
    {
        HeadOf(model);
        return model.Config is not SequenceToSequenceConfig;
    }

    /// <summary>What is trained: a backbone gets the head that its architecture writes texts with.</summary>
    /// <exception cref="InvalidOperationException">The model writes no texts.</exception>
    public static ModelHead HeadOf(PretrainedModel model)
    {
        if (ModelArchitecture.Of(model.Config).WritingHeadFrom(model.Head) is { } head)
            return head;
        model.RequireGenerative("SequenceToSequence");
        return model.Head;
    }

    /// <summary>Settles the options for a model.</summary>
    public static TextPairFormat Of(SequenceToSequenceOptions options, PretrainedModel model)
    {
        var (suffix, special) = options.SourceSuffix is not null || !Continues(model) ? (options.SourceSuffix ?? "", (int?)null)
            : Reads(model.Tokenizer, LineBreak) ? (LineBreak, null)
            : ("", model.Tokenizer.SpecialTokens.SeparatorTokenId);
        return new TextPairFormat(
            options.SourcePrefix, suffix, special, options.MaxTargetLength ?? DefaultTargetLengthOf(model));
    }

    /// <summary>Whether a model sees where a source ends; a text-to-text model always does.</summary>
    public bool PartsSourceFromTarget(PretrainedModel model) =>
        !Continues(model) || SuffixId is not null || Reads(model.Tokenizer, Suffix);

    public void Save(ModelSaveContext ctx)
    {
        ctx.SaveString(Prefix);
        ctx.SaveString(Suffix);
        ctx.Writer.Write(SuffixId ?? -1);
        ctx.Writer.Write(MaxTargetLength);
    }

    public static TextPairFormat Load(ModelLoadContext ctx) => new(
        ctx.LoadString(), ctx.LoadString(), ctx.Reader.ReadInt32() is >= 0 and var id ? id : null, ctx.Reader.ReadInt32());

    /// <summary>Refuses what a damaged file says.</summary>
    public void Check(PretrainedModel model, string file)
    {
        if (MaxTargetLength < 1 || SuffixId >= model.Tokenizer.Vocabulary.Count)
            throw new ModelFormatException(file,
                $"expected a format of sources and targets that fits the model, found {this}. Save the model again.");
    }

    // Behind another text: some tokenizers read nothing of blanks that a text begins with.
    private static bool Reads(SubwordTokenizer tokenizer, string text) =>
        tokenizer.EncodeToIds("a" + text).Length > tokenizer.EncodeToIds("a").Length;
}
