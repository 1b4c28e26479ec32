using Microsoft.ML;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;

namespace MlNetBert.FineTuning;

/// <summary>How texts are cut, settled for one model.</summary>
/// <param name="MaxLength">Tokens of a text or a pair, special tokens included.</param>
/// <param name="TruncationSide">The side at which longer ones lose tokens.</param>
internal sealed record SequenceSettings(int MaxLength, SequenceSide TruncationSide)
{
    /// <summary>The most tokens of a text that are read where nothing is said and the model could read more.</summary>
    private const int DefaultMaxLength = 512;

    /// <summary>The tokens that are read where nothing is said.</summary>
    /// <exception cref="ModelFormatException">The model's directory asks for a length without room for a pair.</exception>
    public static int DefaultLengthOf(PretrainedModel model) => TextLength.Of(model, LeastLengthOf(model), DefaultMaxLength);

    /// <summary>A pair of one token each with the special tokens around it.</summary>
    public static int LeastLengthOf(PretrainedModel model) => model.Tokenizer.Template.PairAddedCount + 2;

    /// <summary>Collects what is wrong with options.</summary>
    public static void Validate(OptionsValidator faults, int? maxLength, SequenceSide side, PretrainedModel model)
    {
        var positions = model.Config.LongestSequence;
        var least = LeastLengthOf(model);
        faults.Require(maxLength is null || maxLength >= least, "MaxLength", maxLength, $"must be at least {least}");
        faults.Require(maxLength is null || maxLength <= positions, "MaxLength", maxLength,
            $"must be at most the model's {positions} positions");
        faults.Require(Enum.IsDefined(side), "TruncationSide", side, "must be Right or Left");
    }

    /// <summary>Settles the options for a model.</summary>
    public static SequenceSettings Of(FineTuningOptions options, PretrainedModel model) =>
        new(options.MaxLength ?? options.DefaultLengthOf(model), options.CutSide);

    public void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(MaxLength);
        ctx.Writer.Write((int)TruncationSide);
    }

    public static SequenceSettings Load(ModelLoadContext ctx) => new(ctx.Reader.ReadInt32(), (SequenceSide)ctx.Reader.ReadInt32());

    /// <summary>Refuses what a damaged file says.</summary>
    public void Check(PretrainedModel model, string file)
    {
        if (MaxLength <= model.Tokenizer.Template.AddedCount || MaxLength > model.Config.LongestSequence
            || !Enum.IsDefined(TruncationSide))
            throw new ModelFormatException(file,
                $"expected settings that fit the model's {model.Config.LongestSequence} positions, found "
                    + $"{this}. Save the model again.");
    }
}
