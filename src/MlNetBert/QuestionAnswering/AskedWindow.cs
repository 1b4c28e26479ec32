using MlNetBert.Training.Objectives;

namespace MlNetBert.QuestionAnswering;

/// <summary>A labeled window that knows the question's other windows and its context.</summary>
/// <param name="Question">The question's number.</param>
/// <param name="Answer">Its answer.</param>
/// <param name="Start">Place of the answer's first token.</param>
/// <param name="End">Place of its last.</param>
/// <param name="Windows">All windows of the question.</param>
/// <param name="Number">The number of this one among them.</param>
/// <param name="Context">The text.</param>
internal sealed record AskedWindow(long Question, string Answer, int Start, int End, ContextWindows Windows, int Number,
    string Context) : AnswerWindow(Question, Answer, Start, End);
