using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.FineTuning;

/// <summary>How texts are cut, settled for one model.</summary>
/// <param name="MaxLength">Tokens of a text or a pair, special tokens included.</param>
/// <param name="TruncationSide">The side at which longer ones lose tokens.</param>
internal sealed record SequenceSettings(int MaxLength, TextSide TruncationSide)
{
    /// <summary>Settles the options for a model.</summary>
    public static SequenceSettings Of(FineTuningOptions options, PretrainedModel model) =>
        new(options.MaxLength ?? options.DefaultLengthOf(model), options.CutSide);

    public void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(MaxLength);
        ctx.Writer.Write((int)TruncationSide);
    }

    public static SequenceSettings Load(ModelLoadContext ctx) => new(ctx.Reader.ReadInt32(), (TextSide)ctx.Reader.ReadInt32());

    /// <summary>Refuses what a damaged file says.</summary>
    public void Check(PretrainedModel model, string file)
    {
        if (MaxLength <= model.Tokenizer.Template.AddedCount || MaxLength > model.Configuration.LongestSequence
            || !Enum.IsDefined(TruncationSide))
            throw new ModelFormatException(file,
                $"expected settings that fit the model's {model.Configuration.LongestSequence} positions, found "
                    + $"{this}. Save the model again.");
    }
}
