using MlNetBert.Models;
using MlNetBert.Models.Bert;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Training.Tests.Support;

/// <summary>Labeled texts of chance whose first word tells their class, and the smallest classifier.</summary>
internal static class Labeled
{
    public static SequenceClassifier Classifier(int labels = 3, double dropout = 0, int seed = 3) =>
        (SequenceClassifier)Create(ModelHead.SequenceClassifier, labels, dropout, seed);

    public static TokenClassifier Tagger() => (TokenClassifier)Create(ModelHead.TokenClassifier, labels: 3);

    public static QuestionAnsweringModel Answerer() => (QuestionAnsweringModel)Create(ModelHead.QuestionAnswering, labels: 2);

    private static LanguageModelModule Create(ModelHead head, int labels, double dropout = 0, int seed = 3)
    {
        var config = new BertConfig
        {
            VocabularySize = 40,
            HiddenSize = 16,
            LayerCount = 1,
            HeadCount = 2,
            IntermediateSize = 32,
            MaxPositions = 16,
            HiddenDropout = dropout,
            AttentionDropout = dropout,
            Labels = [.. Enumerable.Range(0, labels).Select(i => $"label {i}")],
        };
        return ModelArchitecture.Bert.Create(head, config, seed);
    }

    public static SequenceExamples<T> Texts<T>(int count, Func<int, T> label)
    {
        var random = new PhiloxStream(7, 51, 0);
        var examples = new SequenceExamples<T>(paddingId: 0);
        for (var i = 0; i < count; i++)
        {
            var words = 2 + random.Bounded(i, 0, 10);
            examples.Add(new EncodedText([2, 10 + (i % 3), .. Enumerable.Range(1, words).Select(w => 15 + random.Bounded(i, w, 20)), 3]), label(i));
        }

        return examples;
    }

    public static SequenceExamples<int> Classes(int count = 24) => Texts(count, i => i % 3);
}
