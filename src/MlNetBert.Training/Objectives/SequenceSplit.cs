namespace MlNetBert.Training.Objectives;

/// <summary>Examples to train on, and those that are held out.</summary>
/// <typeparam name="TLabel">What an example is labeled with.</typeparam>
/// <param name="Training">The examples to train on.</param>
/// <param name="Evaluation">The examples that are held out.</param>
[Experimental("MLNETBERT001")]
public sealed record SequenceSplit<TLabel>(SequenceExamples<TLabel> Training, SequenceExamples<TLabel> Evaluation);
