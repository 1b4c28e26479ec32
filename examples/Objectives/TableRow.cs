namespace Objectives;

/// <summary>An objective's row of the lesson's table.</summary>
/// <param name="Key">The objective's key on the command line.</param>
/// <param name="LossBefore">Loss on the held-out texts before the first step.</param>
/// <param name="LossAfter">The same after the last.</param>
/// <param name="Seconds">Time of training.</param>
/// <param name="KindsBefore">Accuracy of a classifier of nouns on the vectors of the model with random weights, 0 to 1.</param>
/// <param name="KindsAfter">The same after training.</param>
/// <param name="Texts">The fraction of the held-out texts of the quiz that were written as they are, 0 to 1; null where none are.</param>
/// <param name="Pairs">The accuracy of held-out pairs, 0 to 1; null where there are none.</param>
/// <param name="Found">The fraction of the replaced tokens that are found, 0 to 1; null where none are replaced.</param>
/// <param name="Answers">The lesson's cases.</param>
public sealed record TableRow(
    string Key,
    double LossBefore,
    double LossAfter,
    double Seconds,
    double KindsBefore,
    double KindsAfter,
    double? Texts,
    double? Pairs,
    double? Found,
    IReadOnlyList<Answer> Answers);
