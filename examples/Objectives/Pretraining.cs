using System.Globalization;
using Microsoft.ML;
using MlNetBert;

namespace Objectives;

/// <summary>Trains each objective on the corpus through its ML.NET estimator, and asks the fitted pipeline what the lesson asks.</summary>
internal sealed class Pretraining(MLContext ml, Corpus corpus)
{
    /// <summary>Texts of a step, but where an objective takes others.</summary>
    public const int BatchSize = 64;

    /// <summary>The peak learning rate, but where an objective takes another.</summary>
    public const double LearningRate = 2e-3;

    private const string Tokens = "Tokens";
    private const string Output = "Prediction";

    public Trained Clm(int epochs)
    {
        var (pipeline, model, history) = Fit(
            ml.Transforms.Text.PretrainClm(Output, Tokens, Common(new ClmOptions { Prediction = Short }, epochs)), t => t.History);
        return new Trained(
            pipeline, model, history, [AskNext(pipeline)], Score(corpus.Quiz.Select(WithoutTheLast), t => Write(pipeline, t)));
    }

    public Trained Mlm(int epochs)
    {
        var options = Common(new MlmOptions { MaskProbability = 0.2 }, epochs);
        var (pipeline, model, history) = Fit(ml.Transforms.Text.PretrainMlm(Output, Tokens, options), t => t.History);
        return new Trained(pipeline, model, history, [AskVerb(pipeline)], Score(corpus.Quiz.Select(WithGaps), t => Fill(pipeline, t)));
    }

    public Trained Rtd(int epochs)
    {
        var (pipeline, model, history) = Fit(
            ml.Transforms.Text.PretrainRtd(Output, Tokens, Common(new RtdOptions(), epochs)), t => t.History);
        const string Text = "O gato dorme no carro.";
        var found = Predict<ReplacedTokenPrediction>(pipeline, [Text]).Single();
        var replaced = string.Join(", ", found.Tokens.Where((_, i) => found.Replaced[i]));
        var scores = string.Join(", ", found.Tokens.Zip(found.Scores, (token, score) => Share($"{token} {score:0 %}")));
        var answer = new Answer(
            $"which token of \"{Text}\" is replaced",
            $"{(replaced.Length == 0 ? "none" : replaced)} ({scores})",
            "carro",
            replaced == "carro");
        return new Trained(pipeline, model, history, [answer], Texts: null);
    }

    public Trained Pairs(SentencePairTask task, int epochs)
    {
        var options = Common(new MlmOptions { SentencePairs = task, MaskProbability = 0.2 }, epochs);
        var (pipeline, model, history) = Fit(ml.Transforms.Text.PretrainMlm(Output, Tokens, options), t => t.History);
        const string First = "O gato subiu na árvore.";
        const string Next = "Ele não conseguia descer.";
        List<SentencePair> asked = task == SentencePairTask.NextSentence
            ? [new() { First = First, Second = Next }, new() { First = First, Second = "O carro é azul." }]
            : [new() { First = First, Second = Next }, new() { First = Next, Second = First }];
        var rows = ml.Data.LoadFromEnumerable(asked);
        var scorer = ml.Transforms.Text.ScoreSentencePairs(
            nameof(SentencePair.Score), nameof(SentencePair.First), nameof(SentencePair.Second), model);
        using var fitted = scorer.Fit(rows);
        var answers = ml.Data.CreateEnumerable<SentencePair>(fitted.Transform(rows), reuseRowObject: false)
            .Select((pair, i) => new Answer(
                $"\"{pair.First}\" / \"{pair.Second}\"",
                Share($"{pair.Score:0 %}"),
                i == 0 ? "above 50 %" : "below 50 %",
                pair.Score > 0.5f == (i == 0)));
        return new Trained(
            pipeline, model, history, [.. answers, AskVerb(pipeline)], Score(corpus.Quiz.Select(WithGaps), t => Fill(pipeline, t)));
    }

    public Trained Plm(int epochs)
    {
        var (pipeline, model, history) = Fit(
            ml.Transforms.Text.PretrainPlm(Output, Tokens, Common(new PlmOptions { TargetProbability = 0.3, MaxSpanLength = 2 }, epochs)),
            t => t.History);
        return new Trained(
            pipeline, model, history, [Ask("O gato dorme [MASK] sofá.", "O gato dorme no sofá.", t => Fill(pipeline, t))],
            Score(corpus.Quiz.Select(WithGaps), t => Fill(pipeline, t)));
    }

    /// <summary>A short text has two gaps in training, too: with the published figures it would have one of three tokens.</summary>
    public Trained Denoising(DenoisingCorruption corruption, int epochs, double learningRate, int batchSize)
    {
        var options = Common(
            new DenoisingOptions { Corruption = corruption, NoiseDensity = 0.3, MeanSpanLength = 1.2, Prediction = Short }, epochs) with
        {
            LearningRate = learningRate,
            BatchSize = batchSize,
        };
        var (pipeline, model, history) = Fit(ml.Transforms.Text.PretrainDenoising(Output, Tokens, options), t => t.History);
        return new Trained(
            pipeline, model, history, [Ask("O [MASK] preto correu [MASK].", "O gato preto correu rápido.", t => Restore(pipeline, t))],
            Score(corpus.Quiz.Select(WithGaps), t => Restore(pipeline, t)));
    }

    public Trained Hybrid(int epochs)
    {
        var options = Common(new ClmOptions { CausalFraction = 0.5, Prediction = Short }, epochs);
        var (pipeline, model, history) = Fit(ml.Transforms.Text.PretrainClm(Output, Tokens, options), t => t.History);
        using var filler = ml.Transforms.Text.FillMask(Output, "Text", model).Fit(Rows(corpus.Quiz));
        return new Trained(
            pipeline, model, history, [AskNext(pipeline), AskVerb(filler)],
            Score(corpus.Quiz.Select(WithoutTheLast), t => Write(pipeline, t)));
    }

    private static GenerationOptions Short => new() { MaxNewTokens = 16 };

    private (ITransformer Pipeline, PretrainedModel Model, TrainingHistory History) Fit<T>(
        IEstimator<T> pretraining, Func<T, TrainingHistory> history)
        where T : class, ITransformer
    {
        // Case is kept, and the vocabulary has room for every word.
        var words = new WordPieceTokenizingOptions { VocabularySize = 2_000, LowerCase = false };
        var fitted = ml.Transforms.Text.TokenizeIntoWordPieces(Tokens, "Text", words)
            .Append(ml.Transforms.Text.GroupTokenBlocks(Tokens, blockLength: 24, packing: BlockPacking.OneDocumentPerBlock))
            .Append(pretraining)
            .Fit(Rows(corpus.Training));
        return (fitted, PretrainedModel.FromTransformer(fitted), history(fitted.LastTransformer));
    }

    /// <summary>What all have in common: size, batches, and held-out texts, measured before the first step and after each epoch.</summary>
    private T Common<T>(T options, int epochs)
        where T : PretrainingOptions =>
        (T)((PretrainingOptions)options with
        {
            Size = "tiny",
            Epochs = epochs,
            BatchSize = BatchSize,
            LearningRate = LearningRate,
            EvaluationData = Rows(corpus.HeldOut),
        });

    private Answer AskNext(ITransformer pipeline)
    {
        const string Prompt = "O gato dorme no";
        var text = Write(pipeline, [Prompt]).Single();
        var next = text.Length > Prompt.Length ? text[Prompt.Length..].Split(' ', '.')[1] : "";
        return new Answer(Prompt + " …", text, "sofá", next == "sofá");
    }

    private Answer AskVerb(ITransformer pipeline) => Ask("O gato [MASK] no sofá.", "O gato dorme no sofá.", t => Fill(pipeline, t));

    private static Answer Ask(string asked, string expected, Func<IReadOnlyList<string>, IEnumerable<string>> answer)
    {
        var given = answer([asked]).Single();
        return new Answer(asked, given, expected, given == expected);
    }

    private double Score(IEnumerable<string> asked, Func<IReadOnlyList<string>, IEnumerable<string>> answer) =>
        answer([.. asked]).Zip(corpus.Quiz).Count(pair => pair.First == pair.Second) / (double)corpus.Quiz.Count;

    private IEnumerable<string> Write(ITransformer pipeline, IReadOnlyList<string> texts) =>
        Predict<TextGenerationPrediction>(pipeline, texts).Select(p => p.Text);

    private IEnumerable<string> Fill(ITransformer pipeline, IReadOnlyList<string> texts) =>
        Predict<FillMaskPrediction>(pipeline, texts).Select(p => p.Sequence);

    private IEnumerable<string> Restore(ITransformer pipeline, IReadOnlyList<string> texts) =>
        Predict<TextReconstructionPrediction>(pipeline, texts).Select(p => p.Text);

    private List<T> Predict<T>(ITransformer pipeline, IReadOnlyList<string> texts)
        where T : class, new() =>
        [.. ml.Data.CreateEnumerable<T>(pipeline.Transform(Rows(texts)), reuseRowObject: false)];

    // "A ovelha branca pulou alto." without what follows from the rest.
    private static string WithoutTheLast(string text) => text[..text.LastIndexOf(' ')];

    private static string WithGaps(string text)
    {
        var words = text.Split(' ');
        (words[1], words[^1]) = ("[MASK]", "[MASK].");
        return string.Join(' ', words);
    }

    private static string Share(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private IDataView Rows(IEnumerable<string> texts) => ml.Data.LoadFromEnumerable(texts.Select(text => new TextLine { Text = text }));
}
