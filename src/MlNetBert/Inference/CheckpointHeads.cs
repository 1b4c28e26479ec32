using MlNetBert.Models;
using MlNetBert.NamedEntities;

namespace MlNetBert.Inference;

/// <summary>Rejects checkpoints without the head that a prediction needs, with what they have instead and what to do.</summary>
internal static class CheckpointHeads
{
    private const string Train = "or train one on labeled rows with";

    /// <exception cref="InvalidOperationException">The model classifies no texts.</exception>
    public static void RequireClassifier(PretrainedModel model)
    {
        var config = model.Require<SequenceClassifier>(
            "ClassifyText", "a text-classification head", $"Open a checkpoint with one, {Train} TextClassification.").Config;
        if (config.Labels.Count < 2 || config.ProblemType == ProblemType.Regression)
        {
            throw new InvalidOperationException(
                $"ClassifyText needs a classifier of at least two labels, but the head of the model ({model.Source}) is a regression: it "
                    + (config.Labels.Count == 1
                        ? "gives one number. Score pairs of texts with it by ScoreSentencePairs."
                        : $"gives {config.Labels.Count} numbers, which nothing here takes. Open another checkpoint."));
        }

        if (config.Labels.Distinct(StringComparer.Ordinal).Count() < config.Labels.Count)
        {
            throw new InvalidOperationException(
                $"ClassifyText needs labels with different names, but id2label of the model ({model.Source}) has "
                    + $"{string.Join(", ", config.Labels.Take(10).Select(label => $"'{label}'"))}. Name them in its config.json.");
        }
    }

    /// <exception cref="InvalidOperationException">The model scores no pairs.</exception>
    public static void RequirePairScores(PretrainedModel model)
    {
        if (model.RequireWhole("ScoreSentencePairs").ScoresPairs)
            return;
        var config = model.Require<SequenceClassifier>(
            "ScoreSentencePairs", "a regression head or one of next sentences or sentence order",
            $"Open a checkpoint with one, {Train} SentenceSimilarity.").Config;
        if (config.Labels.Count != 1)
        {
            throw new InvalidOperationException(
                $"ScoreSentencePairs needs a head that gives one number, but that of the model ({model.Source}) classifies into "
                    + $"{config.Labels.Count} labels ({string.Join(", ", config.Labels.Take(5))}). Classify with it by ClassifyText.");
        }
    }

    /// <exception cref="InvalidOperationException">The model finds no entities.</exception>
    public static void RequireTagger(PretrainedModel model)
    {
        var config = model.Require<TokenClassifier>(
            "RecognizeEntities", "a token-classification head", $"Open a checkpoint with one, {Train} NamedEntityRecognition.").Config;
        try
        {
            BioTags.Decode(config.Labels);
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException(
                $"RecognizeEntities needs a model whose labels are tags of entities, but {model.Source} has others. {e.Message} "
                    + "Name them so in id2label of its config.json, if they are entities.",
                e);
        }
    }

    /// <exception cref="InvalidOperationException">The model finds no answers.</exception>
    public static void RequireAnswers(PretrainedModel model) =>
        model.Require<QuestionAnsweringModel>(
            "AnswerQuestions", "a question-answering head", $"Open a checkpoint with one, {Train} QuestionAnswer.");
}
