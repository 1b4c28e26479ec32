using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.QuestionAnswering;

/// <summary>How a context is cut into windows, settled for one model.</summary>
/// <param name="Length">Tokens of a window, the question and special tokens included.</param>
/// <param name="Stride">Tokens of context that neighbouring windows share.</param>
/// <param name="MaxQuestionLength">Tokens of a question that are read.</param>
/// <param name="MaxAnswerLength">Tokens of the longest answer that is predicted.</param>
internal sealed record WindowSettings(int Length, int Stride, int MaxQuestionLength, int MaxAnswerLength)
{
    /// <summary>Tokens of a window where nothing is said: those of Devlin et al. 2019.</summary>
    private const int DefaultLength = 384;

    private const int DefaultStride = 128;
    private const int DefaultQuestion = 64;

    /// <summary>Tokens of context that a window has beside a question of the most tokens.</summary>
    public int LeastContext(SpecialTokenTemplate template) => Length - template.PairAddedCount - MaxQuestionLength;

    /// <summary>Tokens of a window of a model where nothing is said.</summary>
    public static int DefaultLengthOf(PretrainedModel model) => Math.Min(model.Config.LongestSequence, DefaultLength);

    /// <summary>Settles the options.</summary>
    public static WindowSettings Of(PretrainedModel model, int length, int? stride, int? maxQuestionLength, int maxAnswerLength)
    {
        var room = length - model.Tokenizer.Template.PairAddedCount;
        var question = maxQuestionLength ?? Math.Min(DefaultQuestion, room / 2);
        return new WindowSettings(length, stride ?? Math.Min(DefaultStride, (room - question) / 2), question, maxAnswerLength);
    }

    /// <summary>Collects what is wrong with options.</summary>
    public static void Validate(
        OptionsValidator faults, PretrainedModel model, int? maxLength, int? stride, int? maxQuestionLength, int maxAnswerLength)
    {
        var length = Math.Max(FineTuning.SequenceSettings.LeastLengthOf(model), maxLength ?? DefaultLengthOf(model));
        var room = length - model.Tokenizer.Template.PairAddedCount;
        var leastContext = Of(model, length, stride, maxQuestionLength, maxAnswerLength).LeastContext(model.Tokenizer.Template);
        faults.Require(
            maxQuestionLength is null || (maxQuestionLength >= 1 && maxQuestionLength < room), nameof(MaxQuestionLength), maxQuestionLength,
            $"must be at least 1 and leave a token of context: at most {room - 1}");
        faults.Require(
            stride is null || (stride >= 0 && stride < leastContext), nameof(Stride), stride, "must be 0 or more and below the "
                + $"{Math.Max(1, leastContext)} tokens of context that a window has beside the longest question");
        faults.Require(maxAnswerLength >= 1, nameof(MaxAnswerLength), maxAnswerLength, "must be at least 1");
    }

    public void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(Stride);
        ctx.Writer.Write(MaxQuestionLength);
        ctx.Writer.Write(MaxAnswerLength);
    }

    public static WindowSettings Load(ModelLoadContext ctx, int length) =>
        new(length, ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32());

    /// <summary>Refuses what a damaged file says.</summary>
    /// <exception cref="ModelFormatException">The settings cannot be.</exception>
    public void Check(string file, SpecialTokenTemplate template)
    {
        if (MaxQuestionLength < 1 || MaxAnswerLength < 1 || Stride < 0 || Stride >= LeastContext(template))
            throw new ModelFormatException(file,
                $"expected windows over contexts that hold a question and go forward, found {this}. Save the model again.");
    }
}
