using MlNetBert.FineTuning;
using MlNetBert.HuggingFace;
using MlNetBert.QuestionAnswering;

namespace MlNetBert;

/// <summary>How <c>AnswerQuestions</c> finds answers with a checkpoint's question-answering head.</summary>
public sealed record AnswerQuestionsOptions : PredictionOptions
{
    /// <summary>Answers for each question.</summary>
    /// <value>Default 3; 1 to 1,000.</value>
    public int TopK { get; init; } = 3;

    /// <summary>Tokens of a window, question and context together, special tokens included.</summary>
    /// <value>Default null: 384, or the model's positions where it has fewer.</value>
    public int? MaxLength { get; init; }

    /// <summary>Tokens that neighboring windows over a long context share. An answer that is longer may be complete in no window.</summary>
    /// <value>Default null: 128, or half of what a question of the most tokens leaves of a window where that is less.</value>
    public int? Stride { get; init; }

    /// <summary>Tokens of a question that are read; longer ones are truncated and counted.</summary>
    /// <value>Default null: 64, or half of a window's tokens where that is less.</value>
    public int? MaxQuestionLength { get; init; }

    /// <summary>Tokens of the longest answer that is predicted.</summary>
    /// <value>Default 30.</value>
    public int MaxAnswerLength { get; init; } = 30;

    /// <exception cref="InvalidOptionsException">An option is invalid.</exception>
    internal void Validate(PretrainedModel model)
    {
        var faults = new OptionsValidator();
        Validate(faults);
        faults.Require(TopK is >= 1 and <= AnswerOutputs.MaxCount, nameof(TopK), TopK, $"must be 1 to {AnswerOutputs.MaxCount:N0}");
        SequenceSettings.Validate(faults, MaxLength, SequenceSide.Right, model);
        WindowSettings.Validate(faults, model, MaxLength, Stride, MaxQuestionLength, MaxAnswerLength);
        faults.ThrowIfAny(nameof(AnswerQuestionsOptions));
    }
}
