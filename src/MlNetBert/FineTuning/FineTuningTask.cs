using Microsoft.ML;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;

namespace MlNetBert.FineTuning;

/// <summary>
/// What one kind of fine-tuning adds to <see cref="FineTuner"/>: which columns and head, how a row becomes examples, what is trained and
/// measured.
/// </summary>
/// <typeparam name="TModel">The model with its head.</typeparam>
/// <typeparam name="TLabel">What an example is labeled with.</typeparam>
internal abstract class FineTuningTask<TModel, TLabel>
    where TModel : LanguageModelModule
{
    /// <summary>What is trained, for messages, checkpoints and cards: «text classification».</summary>
    public abstract string Name { get; }

    /// <summary>What the hub calls it: <c>text-classification</c>.</summary>
    public abstract string PipelineTag { get; }

    /// <summary>The head.</summary>
    public abstract ModelHead Head { get; }

    /// <summary>The columns that are read, the label's among them.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>What its rows are made of, for messages.</summary>
    public virtual RowWords Words => RowWords.Labels;

    /// <summary>Settings of the task that the weights depend on.</summary>
    public virtual IEnumerable<KeyValuePair<string, string>> Settings => [];

    /// <summary>The configuration of the model that is trained: labels, problem type.</summary>
    /// <param name="config">The checkpoint's, with the options' dropout.</param>
    /// <param name="hasHead">Whether the checkpoint has a trained head of the task.</param>
    public abstract ModelConfig Configure(ModelConfig config, bool hasHead);

    /// <summary>What a model was trained for, as its card says it: "text classification with 3 labels".</summary>
    public virtual string Describe(ModelConfig config) => FormattableString.Invariant($"{Name} with {config.Labels.Count} labels");

    /// <summary>The id that fills up an example.</summary>
    public virtual int PaddingIdOf(SequenceEncoder texts) => texts.PaddingId;

    /// <summary>How many tokens a head over the vocabulary predicts, as a fraction of those that are read; 0 without such a head.</summary>
    public virtual double TargetShareOf(SequenceExamples<TLabel> training) => 0;

    /// <summary>Whether rows have the columns as they are needed; otherwise the pipeline's steps are repeated on them.</summary>
    public abstract bool Accepts(DataViewSchema schema);

    /// <summary>Refuses rows to evaluate on that do not go with the training rows.</summary>
    /// <exception cref="ArgumentException">They have other labels.</exception>
    public virtual void CheckEvaluation(DataViewSchema schema)
    {
    }

    /// <summary>Reads the row that <paramref name="row"/> stands at: adds no example, one or several, and counts.</summary>
    public abstract Action<SequenceExamples<TLabel>, RowCounts> CreateReader(DataViewRow row);

    /// <summary>Holds a share of the examples out for evaluation.</summary>
    public virtual SequenceSplit<TLabel> Split(SequenceExamples<TLabel> examples, double share) => examples.Split(share);

    /// <summary>Refuses examples that nothing can be learnt from.</summary>
    /// <exception cref="InvalidDataException">There are none, or they are all alike.</exception>
    public abstract void Check(SequenceExamples<TLabel> training, RowCounts counts);

    /// <summary>What is worth a warning before the run.</summary>
    /// <param name="training">The examples to train on.</param>
    /// <param name="evaluation">Those to evaluate on; null for none.</param>
    public virtual IEnumerable<string> Warnings(SequenceExamples<TLabel> training, SequenceExamples<TLabel>? evaluation) => [];

    /// <summary>What the loop trains.</summary>
    public abstract Objective CreateObjective(TModel network, SequenceExamples<TLabel> training);

    /// <summary>What the loop measures.</summary>
    public virtual Objective CreateHeldOut(TModel network, SequenceExamples<TLabel> evaluation) => CreateObjective(network, evaluation);
}
