using System.Globalization;
using Microsoft.ML;
using MlNetBert.FineTuning;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Classification;

/// <summary>Fine-tuning for one class of several: a sequence classifier, cross entropy.</summary>
internal sealed class TextClassificationTask : FineTuningTask<SequenceClassifier, int>
{
    private readonly FineTuner _tuner;
    private readonly SentenceColumns _texts;
    private readonly string _label;
    private readonly LabelValues _labels;
    private readonly TextClassificationOptions _options;

    /// <exception cref="ArgumentOutOfRangeException">The label column is missing or no key.</exception>
    /// <exception cref="InvalidDataException">It has one label only.</exception>
    /// <exception cref="InvalidOptionsException">A class weight is for a label that is not there.</exception>
    public TextClassificationTask(FineTuner tuner, SentenceColumns texts, string label, LabelValues labels,
        TextClassificationOptions options)
    {
        _tuner = tuner;
        _texts = texts;
        _label = label;
        _labels = labels;
        _options = options;
        if (labels.Count < 2)
            throw OneLabel($"the label '{labels.Names[0]}' alone");
        var unknown = options.ClassWeights?.Keys.Where(name => !labels.Names.Contains(name, StringComparer.Ordinal)).ToList() ?? [];
        new OptionsValidator()
            .Require(unknown.Count == 0, nameof(options.ClassWeights), string.Join(", ", unknown),
                $"must name labels of column '{label}': {string.Join(", ", labels.Names.Take(10))}{(labels.Count > 10 ? ", …" : "")}")
            .ThrowIfAny(nameof(TextClassificationOptions));
    }

    public override string Name => "text classification";

    public override string PipelineTag => "text-classification";

    public override ModelHead Head => ModelHead.SequenceClassifier;

    public override IReadOnlyList<string> Columns => [_label, .. _texts.Names];

    public override IEnumerable<KeyValuePair<string, string>> Settings =>
    [
        new("class weights", _options.BalanceClasses ? "balanced"
            : _options.ClassWeights is { } weights
                ? string.Join(", ", weights
                    .OrderBy(w => w.Key, StringComparer.Ordinal)
                    .Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Key}: {w.Value}")))
                : "none"),
    ];

    public override ModelConfig Configure(ModelConfig config, bool hasHead)
    {
        var pooled = _options.Pooling is { } pooling ? config.WithMeanPooling(pooling == Pooling.Mean)! : config;
        return pooled with { Labels = _labels.Names, ProblemType = ProblemType.SingleLabelClassification };
    }

    public override bool Accepts(DataViewSchema schema) =>
        LabelColumn.Is(schema.GetColumnOrNull(_label)) && _texts.Names.All(name => schema.GetColumnOrNull(name) is not null);

    public override void CheckEvaluation(DataViewSchema schema)
    {
        _texts.Find(schema);
        var others = LabelValues.Of(LabelColumn.Find(schema, _label));
        if (others.Names.SequenceEqual(_labels.Names, StringComparer.Ordinal))
            return;
        var unseen = others.Names.Except(_labels.Names, StringComparer.Ordinal).Take(5).Select(n => $"'{n}'").ToList();
        throw new ArgumentException(
            $"{nameof(FineTuningOptions.EvaluationData)} must have the {_labels.Count} labels of the training rows in column "
                + $"'{_label}', found {others.Count}"
            + (unseen.Count > 0 ? $", among them {string.Join(", ", unseen)}" : " in another order")
            + ". Map both to keys with the same fitted MapValueToKey.",
            nameof(FineTuningOptions.EvaluationData));
    }

    public override Action<SequenceExamples<int>, RowCounts> CreateReader(DataViewRow row)
    {
        var getLabel = row.GetGetter<uint>(row.Schema[_label]);
        var readTexts = _texts.Reader(row, _tuner.Tokenizer.InvalidText);
        uint key = 0;
        return (examples, counts) =>
        {
            getLabel(ref key);
            if (key == 0 || key > _labels.Count)
                counts.Unlabeled++;
            else
                examples.Add(_tuner.Encoder.Encode(readTexts(), counts), (int)key - 1);
        };
    }

    public override void Check(SequenceExamples<int> training, RowCounts counts)
    {
        SequenceChecks.RequireTexts(training.Count, counts, _label, _texts);
        if (training.Labels.Distinct().Count() == 1)
            throw OneLabel($"{training.Count} rows that are all '{_labels.Names[training.Labels[0]]}'");
    }

    public override IEnumerable<string> Warnings(SequenceExamples<int> training, SequenceExamples<int>? evaluation)
    {
        var trained = training.Labels.ToHashSet();
        var untrained = _labels.Names.Where((_, id) => !trained.Contains(id)).ToList();
        if (untrained.Count > 0)
            yield return $"{untrained.Count} of {_labels.Count} labels have no row to train on and will hardly be predicted: "
                + $"{string.Join(", ", untrained.Take(5))}{(untrained.Count > 5 ? ", …" : "")}.";
        if (evaluation?.Labels.Count(id => !trained.Contains(id)) is > 0 and var lost)
            yield return $"{lost} rows for evaluation have a label that no row for training has; they count as they are "
                + "predicted, that is, wrong.";
    }

    public override Objective CreateObjective(SequenceClassifier network, SequenceExamples<int> training) =>
        new SequenceClassificationObjective(network, training, ClassWeights(training));

    /// <summary>Classes count alike in the figures, whatever they weigh in training.</summary>
    public override Objective CreateHeldOut(SequenceClassifier network, SequenceExamples<int> evaluation) =>
        new SequenceClassificationObjective(network, evaluation);

    private IReadOnlyList<double>? ClassWeights(SequenceExamples<int> training)
    {
        if (_options.ClassWeights is { } weights)
            return [.. _labels.Names.Select(name => weights.GetValueOrDefault(name, 1))];
        if (!_options.BalanceClasses)
            return null;
        var counts = training.Labels.CountBy(id => id).ToDictionary();
        return [.. Enumerable.Range(0, _labels.Count).Select(id => (double)training.Count / Math.Max(1, counts.GetValueOrDefault(id)))];
    }

    private InvalidDataException OneLabel(string found) =>
        new(
            $"Label column '{_label}': expected at least two different labels, found {found}. There is nothing to tell apart; "
                + "give rows of other labels.");
}
