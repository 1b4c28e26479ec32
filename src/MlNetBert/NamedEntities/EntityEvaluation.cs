using MlNetBert.Models;
using MlNetBert.Training;
using MlNetBert.Training.Objectives;

namespace MlNetBert.NamedEntities;

/// <summary>Loss and accuracy over the labelled words of held-out sentences, and precision, recall and F1 over their entities. Words beyond
/// the limit count as outside; a word of which the tokenizer reads nothing belongs to the entity around it, and counts only where an entity
/// has no other word.</summary>
internal sealed class EntityEvaluation(TokenClassifier model, SequenceExamples<TokenLabels> examples, int batchSize)
    : SequenceEvaluation<TokenClassifier, TokenLabels>(model, examples, batchSize)
{
    /// <summary>Names among <see cref="EvaluationResult.Metrics"/>.</summary>
    public const string Precision = "entity precision";

    /// <inheritdoc cref="Precision"/>
    public const string Recall = "entity recall";

    /// <inheritdoc cref="Precision"/>
    public const string F1 = "entity F1";

    private EntityEvaluator _entities = new();
    private double _loss;
    private long _right;
    private long _words;

    protected override void Begin() => (_entities, _loss, _right, _words) = (new EntityEvaluator(), 0, 0, 0);

    protected override void Add(SequenceInputs inputs, IReadOnlyList<int> numbers)
    {
        var labels = numbers.Select(i => Examples.Labels[i]).ToList();
        var length = (int)inputs.InputIds.shape[1];
        var logits = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds); // [batch, sequence, labels]
        using var loss = Losses.ClassificationSum(logits, TokenClassificationObjective.ToTensor(labels, length, logits.device));
        _loss += Models.Layers.TensorArithmetic.ReadSingle(loss);
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
                _words++;
                _right += found == tags[label] ? 1 : 0;
            }

            _entities.Add(actual, predicted);
        }
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

    protected override EvaluationResult Result()
    {
        var figures = _entities.Result();
        return new EvaluationResult(_loss / _words, (double)_right / _words, _words)
        {
            Metrics = new Dictionary<string, double>
            {
                [Precision] = figures.MicroPrecision,
                [Recall] = figures.MicroRecall,
                [F1] = figures.MicroF1,
            },
        };
    }
}
