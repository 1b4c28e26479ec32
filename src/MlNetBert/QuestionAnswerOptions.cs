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

    internal override int DefaultLengthOf(PretrainedModel model) => WindowSettings.DefaultLengthOf(model);

    private protected override void ValidateTask(OptionsValidator faults, PretrainedModel model)
    {
        faults.Require(TopK is >= 1 and <= AnswerOutputs.MaxCount, nameof(TopK), TopK, $"must be 1 to {AnswerOutputs.MaxCount:N0}");
        WindowSettings.Validate(faults, model, MaxLength, Stride, MaxQuestionLength, MaxAnswerLength);
    }
}
