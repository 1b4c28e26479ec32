using Microsoft.ML;
using MlNetBert.Classification;
using MlNetBert.FineTuning;
using MlNetBert.HuggingFace;
using MlNetBert.Inference;
using MlNetBert.Mapping;
using MlNetBert.Models;
using MlNetBert.NamedEntities;
using MlNetBert.Pretraining;
using MlNetBert.QuestionAnswering;

namespace MlNetBert;

/// <content>A checkpoint's own head, used without training.</content>
public static partial class LanguageModelTextCatalog
{
    /// <summary>Fills the masks of texts with a pretrained masked or permuted language model.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Token and NAME.Score (vectors, k candidates per
    /// mask, best first, mask by mask) and NAME.Sequence (the text with the best candidate in every mask).
    /// <see cref="FillMaskPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The text, with the model's mask token ([MASK]) where a word is wanted; or tokens, made with the
    /// model's tokenizer. Null for the output's name.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How many candidates, and where to compute; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model is no masked and no permuted language model, and no causal model that was
    /// pretrained with <see cref="ClmOptions.CausalFraction"/> below 1; the message names the head it has.</exception>
    /// <exception cref="ArgumentException">The vocabulary has no piece for a candidate word.</exception>
    public static CheckpointEstimator<FillMaskTransformer> FillMask(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        FillMaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        var environment = Environment(catalog);
        var (settings, input) = (options ?? new FillMaskOptions(), inputColumnName ?? outputColumnName);
        RecordedObjective.MaskShiftOf(model, "FillMask");
        settings.Validate();
        foreach (var word in settings.CandidateWords)
            model.Tokenizer.FirstPiece(word);
        return new CheckpointEstimator<FillMaskTransformer>(
            environment,
            model,
            schema =>
            {
                TextOrTokens.Require(schema, input);
                return Columns.With(schema, [.. FillMaskTransformer.Promised(outputColumnName)]);
            },
            shared => new FillMaskTransformer(environment, outputColumnName, input, shared, settings));
    }

    /// <summary>Continues and scores texts with a pretrained causal language model.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Text (the text continued), NAME.Score (the mean
    /// log-probability of the text's tokens in nats) and NAME.Perplexity. <see cref="TextGenerationPrediction"/> has them for
    /// "Prediction".</param>
    /// <param name="inputColumnName">The text, or tokens, made with the model's tokenizer. Null for the output's name.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How texts are continued, and where to compute; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model has no causal head; the message names the one it has.</exception>
    public static CheckpointEstimator<TextGenerationTransformer> GenerateText(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        GenerationOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        var environment = Environment(catalog);
        var (settings, input) = (options ?? new GenerationOptions(), inputColumnName ?? outputColumnName);
        model.Require<CausalLanguageModel>("GenerateText");
        var faults = new OptionsValidator();
        settings.ValidateRow(faults);
        faults.ThrowIfAny(nameof(GenerationOptions));
        return new CheckpointEstimator<TextGenerationTransformer>(
            environment,
            model,
            schema =>
            {
                TextOrTokens.Require(schema, input);
                return Columns.With(schema, [.. TextGenerationTransformer.Promised(outputColumnName)]);
            },
            shared => new TextGenerationTransformer(environment, outputColumnName, input, shared, settings));
    }

    /// <summary>Classifies texts or pairs of texts with a checkpoint's own classifier.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The predicted label: a key whose values are the labels of the checkpoint's id2label
    /// ("PredictedLabel" is what ML.NET's <c>Evaluate</c> looks for). <see cref="ClassifyTextOptions.ScoreColumnName"/> has the
    /// probabilities.</param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <param name="model">The model. Of one that gives several labels at once, scores are each label's own probability.</param>
    /// <param name="options">Further columns, truncation, and where to compute; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model has no classifier; the message names the head it has.</exception>
    public static CheckpointEstimator<TextClassificationTransformer> ClassifyText(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        ClassifyTextOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        var environment = Environment(catalog);
        var settings = options ?? new ClassifyTextOptions();
        CheckpointHeads.RequireClassifier(model);
        settings.Validate(model);
        var texts = new SentenceColumns(inputColumnName ?? outputColumnName, settings.Sentence2ColumnName)
        {
            FirstRole = "inputColumnName",
            SecondRole = nameof(ClassifyTextOptions.Sentence2ColumnName),
        };
        var outputs = new ClassificationOutputs(outputColumnName, settings.ScoreColumnName);
        var labels = LabelValues.Named(model.Config.Labels);
        return new CheckpointEstimator<TextClassificationTransformer>(
            environment,
            model,
            schema =>
            {
                texts.Require(schema);
                return Columns.With(schema, [.. outputs.Promised(Microsoft.ML.Data.TextDataViewType.Instance)]);
            },
            shared => new TextClassificationTransformer(
                environment, FineTunedState.Of(shared, texts, settings, settings.MaxLength, settings.TruncationSide), outputs, labels));
    }

    /// <summary>Finds named entities with a checkpoint's own token classifier.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the entities' columns, vectors with one entry per entity: NAME.Label and NAME.Text (text),
    /// NAME.Start and NAME.End (int, UTF-16 units of the text), NAME.Score (float32). <see cref="NamedEntityPrediction"/> has them for
    /// "Entities".</param>
    /// <param name="inputColumnName">The sentence: a text, whose words are separated by white space, or a vector of text, its words. Null
    /// for the output's name.</param>
    /// <param name="model">The model, whose labels are the tags O, B-TYPE and I-TYPE.</param>
    /// <param name="options">The column of tags, truncation, and where to compute; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model has no token classifier, or its labels are no tags of entities; the message
    /// names what it has.</exception>
    public static CheckpointEstimator<NamedEntityRecognitionTransformer> RecognizeEntities(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        RecognizeEntitiesOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        var environment = Environment(catalog);
        var settings = options ?? new RecognizeEntitiesOptions();
        CheckpointHeads.RequireTagger(model);
        settings.Validate(model);
        var sentence = new SentenceColumns(inputColumnName ?? outputColumnName, null);
        var outputs = new EntityOutputs(settings.TagsColumnName, outputColumnName);
        return new CheckpointEstimator<NamedEntityRecognitionTransformer>(
            environment,
            model,
            schema =>
            {
                WordsColumn.Require(schema, sentence.First);
                return Columns.With(schema, [.. outputs.Promised]);
            },
            shared => new NamedEntityRecognitionTransformer(
                environment, FineTunedState.Of(shared, sentence, settings, settings.MaxLength), outputs));
    }

    /// <summary>Finds answers to questions in texts with a checkpoint's own question-answering head.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds, vectors of
    /// <see cref="AnswerQuestionsOptions.TopK"/> entries, best first: NAME.Text (text, cut from the context), NAME.Start (Int32, where it
    /// begins there), NAME.Score (float32). <see cref="QuestionAnswerPrediction"/> has them for "Answer".</param>
    /// <param name="questionColumnName">The question, a text.</param>
    /// <param name="contextColumnName">The text that has the answer, of any length: a long one is read in windows.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How many answers, windows, and where to compute; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model has no question-answering head; the message names the one it has.</exception>
    public static CheckpointEstimator<QuestionAnswerTransformer> AnswerQuestions(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string questionColumnName, string contextColumnName,
        PretrainedModel model, AnswerQuestionsOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(questionColumnName);
        ArgumentException.ThrowIfNullOrEmpty(contextColumnName);
        ArgumentNullException.ThrowIfNull(model);
        var environment = Environment(catalog);
        var settings = options ?? new AnswerQuestionsOptions();
        CheckpointHeads.RequireAnswers(model);
        settings.Validate(model);
        var texts = AnswerColumns.TextsOf(questionColumnName, contextColumnName);
        var outputs = AnswerOutputs.Below(outputColumnName, settings.TopK);
        var length = settings.MaxLength ?? WindowSettings.DefaultLengthOf(model);
        var windows = WindowSettings.Of(model, length, settings.Stride, settings.MaxQuestionLength, settings.MaxAnswerLength);
        return new CheckpointEstimator<QuestionAnswerTransformer>(
            environment,
            model,
            schema =>
            {
                texts.Require(schema);
                return Columns.With(schema, [.. outputs.Promised]);
            },
            shared => new QuestionAnswerTransformer(environment, FineTunedState.Of(shared, texts, settings, length), outputs, windows));
    }

    /// <summary>
    /// Scores pairs of texts with a checkpoint's own head: a regression, such as how similar they are, or that of pretraining with pairs,
    /// the probability that the second text follows the first (BERT's next sentence) or that their order is right (ALBERT's).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The score: a Single, on the scale that the model was trained on, or a probability from 0 to 1
    /// ("Score" is what ML.NET's <c>Regression.Evaluate</c> looks for).</param>
    /// <param name="sentence1ColumnName">The first text column.</param>
    /// <param name="sentence2ColumnName">The second text column.</param>
    /// <param name="model">The model, a classifier with one label, or one that was pretrained with
    /// <see cref="MlmOptions.SentencePairs"/> (<c>BertForPreTraining</c>, <c>AlbertForPreTraining</c>).</param>
    /// <param name="options">Truncation, and where to compute; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model has neither head; the message names the head it has.</exception>
    public static CheckpointEstimator<SentenceSimilarityTransformer> ScoreSentencePairs(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string sentence1ColumnName, string sentence2ColumnName,
        PretrainedModel model, ScoreSentencePairsOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(sentence1ColumnName);
        ArgumentException.ThrowIfNullOrEmpty(sentence2ColumnName);
        ArgumentNullException.ThrowIfNull(model);
        var environment = Environment(catalog);
        var settings = options ?? new ScoreSentencePairsOptions();
        CheckpointHeads.RequirePairScores(model);
        settings.Validate(model);
        var texts = new SentenceColumns(sentence1ColumnName, sentence2ColumnName);
        return new CheckpointEstimator<SentenceSimilarityTransformer>(
            environment,
            model,
            schema =>
            {
                texts.Require(schema);
                return Columns.With(schema, SentenceSimilarityTransformer.Promised(outputColumnName));
            },
            shared => new SentenceSimilarityTransformer(
                environment, FineTunedState.Of(shared, texts, settings, settings.MaxLength, settings.TruncationSide), outputColumnName));
    }
}
