using MlNetBert.Models;
using MlNetBert.Models.Layers;
using MlNetBert.Training.Objectives;

namespace MlNetBert.NamedEntities;

/// <summary>
/// Training of a token classifier for entities, measured by loss and accuracy over the labeled words of held-out sentences, and precision,
/// recall and F1 over their entities. Words beyond the limit count as outside; a word of which the tokenizer reads nothing belongs to
/// the entity around it, and counts only where an entity has no other word.
/// </summary>
internal sealed class EntityObjective(TokenClassifier model, SequenceExamples<TokenLabels> examples)
    : TokenClassificationObjective(model, examples)
{
    private const string CorrectEntities = "correct entities";
    private const string PredictedEntities = "predicted entities";
    private const string ActualEntities = "actual entities";

    public override EvaluationResult Result(MetricSums sums)
    {
        var entities = new EntityCounts((long)sums[CorrectEntities], (long)sums[PredictedEntities], (long)sums[ActualEntities]);
        return new EvaluationResult(sums.MeanPerTarget, sums.Accuracy, (long)sums[MetricSums.Targets])
        {
            Metrics = new Dictionary<string, double>
            {
                [MetricNames.Precision] = entities.Precision,
                [MetricNames.Recall] = entities.Recall,
                [MetricNames.F1] = entities.F1,
            },
        };
    }

    protected override void Evaluate(SequenceInputs inputs, SequenceBatch<TokenLabels> batch, MetricSums sums)
    {
        var labels = batch.Labels;
        var length = batch.Texts.Length;
        var evaluator = new EntityEvaluator();
        var logits = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds); // [batch, sequence, labels]
        sums.Add(MetricSums.Loss, Losses.ClassificationSum(logits, ToTensor(labels, length, logits.device)).ReadSingle());
        var best = logits.argmax(2).cpu().data<long>().ToArray(); // [batch · sequence]
        var tags = Network.Config.Labels;
        for (var row = 0; row < labels.Count; row++)
        {
            var (actual, predicted) = (new List<string>(), new List<string>());
            var lost = LostEntities(labels[row], tags);
            for (var word = 0; word < labels[row].Words.Count; word++)
            {
                var (label, place) = (labels[row].Words[word], labels[row].FirstTokens[word]);
                if (place == TokenLabels.Unread && !lost.Contains(word))
                    continue;
                var found = place < 0 ? BioTags.Outside : tags[(int)best[(row * length) + place]];
                actual.Add(label < 0 ? BioTags.Outside : tags[label]);
                predicted.Add(label < 0 ? BioTags.Outside : found);
                if (label < 0 || place < 0)
                    continue;
                sums.Add(MetricSums.Targets, 1);
                sums.Add(MetricSums.Correct, found == tags[label] ? 1 : 0);
            }

            evaluator.Add(actual, predicted);
        }

        var counts = evaluator.Result().Counts;
        sums.Add(CorrectEntities, counts.Correct);
        sums.Add(PredictedEntities, counts.Predicted);
        sums.Add(ActualEntities, counts.Actual);
    }

    /// <summary>The words of entities of which the tokenizer reads nothing at all: they cannot be found, and count as missed.</summary>
    private static HashSet<int> LostEntities(TokenLabels sentence, IReadOnlyList<string> tags)
    {
        if (!sentence.FirstTokens.Contains(TokenLabels.Unread))
            return [];
        var entities = BioTags.Decode([.. sentence.Words.Select(label => label < 0 ? BioTags.Outside : tags[label])]);
        return
        [
            .. entities.Select(entity => Enumerable.Range(entity.Start, entity.End - entity.Start))
                .Where(words => words.All(word => sentence.FirstTokens[word] == TokenLabels.Unread)).SelectMany(words => words),
        ];
    }
}
