using System.Globalization;
using Microsoft.ML;
using MlNetBert.FineTuning;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;

namespace MlNetBert.NamedEntities;

/// <summary>Fine-tuning for named entities: a token classifier, cross entropy at words' first pieces.</summary>
internal sealed class NamedEntityRecognitionTask(FineTuner tuner, SentenceColumns sentence, string label,
    IReadOnlyList<string> tags) : FineTuningTask<TokenClassifier, TokenLabels>
{
    public override string Name => "named-entity recognition";

    public override string PipelineTag => "token-classification";

    public override ModelHead Head => ModelHead.TokenClassifier;

    public override IReadOnlyList<string> Columns => [label, sentence.First];

    public override ModelConfig Configure(ModelConfig config, bool hasHead) => config with { Labels = tags };

    public override bool Accepts(DataViewSchema schema) =>
        TagColumn.Is(schema.GetColumnOrNull(label)) && schema.GetColumnOrNull(sentence.First) is not null;

    public override void CheckEvaluation(DataViewSchema schema)
    {
        WordsColumn.Find(schema, sentence.First);
        if (TagColumn.ValuesOf(TagColumn.Find(schema, label)) is { } others && !others.SequenceEqual(tags, StringComparer.Ordinal))
        {
            throw new ArgumentException(
                $"{nameof(FineTuningOptions.EvaluationData)} must have the {tags.Count} tags of the training rows in column '{label}', "
                    + $"found {others.Length} others. Map both to keys with the same fitted MapValueToKey.",
                nameof(FineTuningOptions.EvaluationData));
        }
    }

    public override Action<SequenceExamples<TokenLabels>, RowCounts> CreateReader(DataViewRow row)
    {
        var readTags = TagColumn.Reader(row, label, tags);
        var readWords = WordsColumn.Reader(row, sentence.First, tuner.Tokenizer.InvalidText);
        return (examples, counts) =>
        {
            var (words, labels) = (readWords(), readTags());
            if (words.Words.Count != labels.Length)
            {
                throw new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Columns '{sentence.First}' and '{label}', row {row.Position} (from 0): expected a tag for each word, found "
                        + $"{words.Words.Count} words and {labels.Length} tags. Words of a text stand between white space; give a vector "
                        + $"of words to split otherwise."));
            }

            var template = tuner.Tokenizer.Template;
            var pieces = SubwordAlignment.Create(tuner.Tokenizer, words, tuner.Settings.MaxLength - template.AddedCount);
            var tokens = pieces.Labels(labels, template, pieces.Ids.Count + template.AddedCount);
            counts.Cut += pieces.IsTruncated ? 1 : 0;
            if (string.IsNullOrWhiteSpace(words.Text))
                counts.Empty++;
            else if (pieces.Ids.Count == 0)
                counts.Unread++;
            else if (tokens.All(id => id == Losses.IgnoredLabel))
                counts.Unlabeled++;
            else
                examples.Add(tuner.Start.Config.TextOf(template.Build([.. pieces.Ids])),
                    new TokenLabels(tokens, labels,
                        [
                            .. pieces.FirstPieces.Select((place, word) =>
                                pieces.IsUnread(word) ? TokenLabels.Unread : place < 0 ? place : template.Before.Count + place),
                        ]));
        };
    }

    public override void Check(SequenceExamples<TokenLabels> training, RowCounts counts)
    {
        SequenceChecks.RequireTexts(training.Count, counts, label, sentence);
        if (training.Labels.SelectMany(l => l.Tokens).Where(id => id != Losses.IgnoredLabel).Distinct().Count() == 1)
            throw new InvalidDataException(
                $"Label column '{label}': expected at least two different tags in the rows, found one alone. There is nothing to tell "
                    + "apart; give rows with entities and without.");
    }

    public override Objective CreateObjective(TokenClassifier network, SequenceExamples<TokenLabels> training) =>
        new EntityObjective(network, training);
}
