namespace MlNetBert.Training.Objectives;

/// <summary>
/// A window over a question's context, labeled with where the answer lies in it. A window that does not hold the whole answer is labeled
/// with [CLS], place 0.
/// </summary>
/// <param name="Question">The question's number: windows of one question share it, no others do.</param>
/// <param name="Answer">The question's answer.</param>
/// <param name="Start">Place of the answer's first token among the window's tokens.</param>
/// <param name="End">Place of its last token.</param>
[Experimental("MLNETBERT001")]
public record AnswerWindow(long Question, string Answer, int Start, int End);
