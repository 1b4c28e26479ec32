using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.FineTuning;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Similarity;

/// <summary>Fine-tuning for a number: a sequence classifier with one label, squared error.</summary>
internal sealed class SentenceSimilarityTask(FineTuner tuner, SentenceColumns texts,
    string label) : FineTuningTask<SequenceClassifier, float>
{
    public override string Name => "sentence similarity";

    public override string PipelineTag => "text-classification";

    public override ModelHead Head => ModelHead.SequenceClassifier;

    public override IReadOnlyList<string> Columns => [label, .. texts.Names];

    public override ModelConfig Configure(ModelConfig config, bool hasHead) =>
        config with { Labels = ["LABEL_0"], ProblemType = ProblemType.Regression };

    public override bool Accepts(DataViewSchema schema) => schema.GetColumnOrNull(label)?.Type == NumberDataViewType.Single
        && texts.Names.All(name => schema.GetColumnOrNull(name) is not null);

    public override void CheckEvaluation(DataViewSchema schema)
    {
        texts.Find(schema);
        NumberColumn.Find(schema, label);
    }

    public override Action<SequenceExamples<float>, RowCounts> CreateReader(DataViewRow row)
    {
        var getLabel = row.GetGetter<float>(row.Schema[label]);
        var readTexts = texts.Reader(row, tuner.Tokenizer.InvalidText);
        float number = 0;
        return (examples, counts) =>
        {
            getLabel(ref number);
            if (!float.IsFinite(number))
                counts.Unlabeled++;
            else
                examples.Add(tuner.Encoder.Encode(readTexts(), counts), number);
        };
    }

    public override void Check(SequenceExamples<float> training, RowCounts counts)
    {
        SequenceChecks.RequireTexts(training.Count, counts, label, texts);
        if (training.Labels.Distinct().Count() == 1)
            throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Label column '{label}': expected different numbers, found {training.Count} rows that are all {training.Labels[0]}. "
                        + $"There is nothing to learn; give rows with other labels."));
    }

    public override Objective CreateObjective(SequenceClassifier network, SequenceExamples<float> training) =>
        new RegressionObjective(network, training);
}
