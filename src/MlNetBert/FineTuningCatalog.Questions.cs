using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.QuestionAnswering;

namespace MlNetBert;

/// <content>Extractive question answering.</content>
public static partial class FineTuningCatalog
{
    /// <summary>
    /// Fine-tunes a pretrained encoder to find the answer to a question in a text (Devlin et al. 2019 on SQuAD). It always answers from a
    /// context that is not empty, also where the answer is not there: rows without an answer are left out of training.
    /// <see cref="AnswerMetrics"/> measures, and the transformer's <c>Evaluation.Metrics</c> has <see cref="MetricNames.ExactMatch"/> and
    /// <see cref="MetricNames.F1"/> of the rows for evaluation.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model to start from; it stays as it is. A checkpoint that finds answers already goes on from its
    /// head.</param>
    /// <param name="contextColumnName">The text that answers stand in, of any length: a long one is read in windows.</param>
    /// <param name="questionColumnName">The question, a text.</param>
    /// <param name="trainingAnswerColumnName">The answer, a part of the context. Needed to train only.</param>
    /// <param name="answerIndexColumnName">Where the answer begins in the context, in UTF-16 units from 0, as <c>string.IndexOf</c> counts:
    /// an Int32. Needed to train only.</param>
    /// <param name="outputColumnName">
    /// Prefix of the columns that the transformer adds, vectors of <see cref="QuestionAnswerOptions.TopK"/> entries, best first: NAME.Text
    /// (text), the best different answers, cut from the context; NAME.Start (Int32), where they begin in the context; NAME.Score (float32),
    /// their probabilities among the best candidates, of which there are more than are given, so that they need not add up to 1.
    /// <see cref="QuestionAnswerPrediction"/> has the columns under the default name.
    /// </param>
    /// <param name="options">How to train; null for the defaults that <see cref="FineTuningOptions"/> tells.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be; every fault is listed.</exception>
    /// <exception cref="ArgumentException">A column's name is null or empty.</exception>
    public static QuestionAnswerTrainer QuestionAnswer(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        PretrainedModel model,
        string contextColumnName = "Context",
        string questionColumnName = "Question",
        string trainingAnswerColumnName = "TrainingAnswer",
        string answerIndexColumnName = "AnswerIndex",
        string outputColumnName = "Answer",
        QuestionAnswerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(contextColumnName);
        ArgumentException.ThrowIfNullOrEmpty(questionColumnName);
        ArgumentException.ThrowIfNullOrEmpty(trainingAnswerColumnName);
        ArgumentException.ThrowIfNullOrEmpty(answerIndexColumnName);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        options ??= new QuestionAnswerOptions();
        return new QuestionAnswerTrainer(
            CatalogUtils.GetEnvironment(catalog),
            model,
            new AnswerColumns(AnswerColumns.TextsOf(questionColumnName, contextColumnName), trainingAnswerColumnName,
                answerIndexColumnName),
            AnswerOutputs.Below(outputColumnName, options.TopK),
            options);
    }
}
