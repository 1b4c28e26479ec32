using MlNetBert.HuggingFace;
using MlNetBert.QuestionAnswering;

namespace MlNetBert;

/// <summary>
/// How <c>QuestionAnswer</c> fine-tunes a model that finds answers. <see cref="FineTuningOptions.MaxLength"/> is that of a window, question
/// and context together; its default here is 384, or the model's positions where it has fewer.
/// A long context is read in windows, all of it.
/// </summary>
public sealed record QuestionAnswerOptions : FineTuningOptions
{
    /// <summary>Tokens that neighbouring windows over a long context share. An answer that is longer may be whole in no window.</summary>
    /// <value>Default null: 128, or half of what a question of the most tokens leaves of a window where that is less.</value>
    public int? Stride { get; init; }

    /// <summary>Tokens of a question that are read; longer ones are cut and counted.</summary>
    /// <value>Default null: 64, or half of a window's tokens where that is less.</value>
    public int? MaxQuestionLength { get; init; }

    /// <summary>Answers that the transformer gives for a question.</summary>
    /// <value>Default 3; 1 to 1,000.</value>
    public int TopK { get; init; } = 3;

    /// <summary>Tokens of the longest answer that is predicted.</summary>
    /// <value>Default 30.</value>
    public int MaxAnswerLength { get; init; } = 30;

    internal override int DefaultLengthOf(PretrainedModel model) =>
        Math.Min(model.Configuration.LongestSequence, WindowSettings.DefaultLength);

    private protected override void ValidateTask(OptionsValidator faults, PretrainedModel model)
    {
        var length = Math.Max(LeastLengthOf(model), MaxLength ?? DefaultLengthOf(model));
        var settings = WindowSettings.Of(this, length, model.Tokenizer.Template);
        var room = length - model.Tokenizer.Template.PairAddedCount;
        var leastContext = settings.LeastContext(model.Tokenizer.Template);
        faults.Require(
            MaxQuestionLength is null || (MaxQuestionLength >= 1 && MaxQuestionLength < room), nameof(MaxQuestionLength), MaxQuestionLength,
            $"must be at least 1 and leave a token of context: at most {room - 1}");
        faults.Require(
            Stride is null
                || (Stride >= 0 && Stride < leastContext), nameof(Stride), Stride, "must be 0 or more and below the "
                    + $"{Math.Max(1, leastContext)} tokens of context that a window has beside the longest question");
        faults.Require(TopK is >= 1 and <= AnswerOutputs.MaxCount, nameof(TopK), TopK, $"must be 1 to {AnswerOutputs.MaxCount:N0}");
        faults.Require(MaxAnswerLength >= 1, nameof(MaxAnswerLength), MaxAnswerLength, "must be at least 1");
    }
}
