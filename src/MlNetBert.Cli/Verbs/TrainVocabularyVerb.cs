using System.CommandLine;
using System.Diagnostics;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Text.Corpora;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Cli.Verbs;

/// <summary>Learns a vocabulary.</summary>
internal sealed class TrainVocabularyVerb : Verb
{
    private static readonly Dictionary<string, SubwordModelType> Types = new(StringComparer.Ordinal)
    {
        ["wordpiece"] = SubwordModelType.WordPiece,
        ["bpe"] = SubwordModelType.BytePair,
        ["unigram"] = SubwordModelType.Unigram,
    };

    private readonly Option<string[]> _data = Inputs.Data("--data", required: true, "The texts to learn from");
    private readonly Option<string[]> _evaluationData =
        Inputs.Data("--eval-data", required: false, "The texts to measure the vocabulary on, instead of the data");
    private readonly ReadingOptions _reading = new();
    private readonly Option<string> _output = new("--output")
    {
        Description = "The directory to write the tokenizer to; a name that ends with .json is a tokenizer.json alone, one that ends with "
            + ".txt the pieces of a WordPiece vocabulary, one a line.",
        HelpName = "DIR|FILE",
        Required = true,
    };
    private readonly Option<string?> _type = new Option<string?>("--type")
    {
        Description = "The kind of vocabulary: BERT's, byte-level BPE as RoBERTa's, or SentencePiece's unigram model. Default: wordpiece.",
    }.OneOf([.. Types.Keys]);
    private readonly Option<string[]> _specialTokens = new("--special-tokens")
    {
        Description = "Further special tokens, comma-separated: each is one token wherever it is written.",
        HelpName = "A,B",
    };
    private readonly CaseOptions _case = new("", learns: true);
    private readonly Option<int> _size =
        new Option<int>("--vocabulary-size") { Description = "Size of the vocabulary.", HelpName = "N", DefaultValueFactory = _ => 8_000 }
            .AtLeast(6).Formerly("--size");
    private readonly Option<int?> _alphabetLimit = Inputs.AlphabetLimit();
    private readonly Option<int> _minFrequency =
        new Option<int>("--min-frequency")
        {
            Description = "Minimum pair frequency for a merge.",
            HelpName = "N",
            DefaultValueFactory = _ => 2,
        }.AtLeast(1);

    public TrainVocabularyVerb()
        : base("train-vocabulary", "Learn a vocabulary from text: WordPiece, BPE or unigram.")
    {
        Takes([
            _data, _evaluationData, _type, _size, _minFrequency, _alphabetLimit, _specialTokens, .. _case.All, .. _reading.ForFiles,
            _output]);
        Validators.Add(_case.Check);
        Validators.Add(result =>
        {
            if (Types.TryGetValue(result.GetValue(_type) ?? "", out var model) && model != SubwordModelType.WordPiece
                && result.GetValue(_output) is { } output && new VocabularyOutput(output).IsPiecesAlone)
                result.AddError(
                    $"--output {output}: a file that ends with .txt holds pieces alone, which is no {result.GetValue(_type)} vocabulary. "
                        + "Name a directory, or a file that ends with .json.");
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "train-vocabulary --data corpus.txt --output vocab.txt",
        "train-vocabulary --type bpe --data corpus/ --vocabulary-size 16000 --output tokenizer/",
        "train-vocabulary --data noticias.txt --strip-accents false --output tokenizer.json",
        "train-vocabulary --data issues.tsv --column Description --vocabulary-size 4000 --cased --output vocab.txt --json",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var watch = Stopwatch.StartNew();
        var output = new VocabularyOutput(arguments.GetRequiredValue(_output));
        var corpora = arguments.GetValue(_evaluationData) is { Length: > 0 } paths
            ? _reading.Open(arguments, session, arguments.GetRequiredValue(_data), paths)
            : _reading.Open(arguments, session, arguments.GetRequiredValue(_data));
        var (corpus, measured) = (corpora[0], corpora[^1]);
        output.RequireOther("--data", corpus);
        output.RequireOther("--eval-data", measured);
        if (output.LiesAmong(corpus) || output.LiesAmong(measured))
            session.Say(
                $"Warning: {output.FullPath} lies among the texts and will be read as a text the next time. Name a place elsewhere.");
        output.Require();
        var trainer = OptionsOf(arguments).CreateTrainer();
        var vocabulary = ReadingOptions.Read(
            seen => trainer.Train(corpus.ReadDocuments(seen), cancellationToken: session.CancellationToken), session);
        output.Write(vocabulary.Tokenizer);
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var note in vocabulary.Notes)
            session.Say(note);
        var (lowers, strips) = (vocabulary.Tokenizer.LowersCase, vocabulary.Tokenizer.StripsAccents);
        if (output.IsPiecesAlone)
            session.Say(PiecesAlone(lowers, strips));

        VocabularyUse Measure(CorpusStatistics seen) =>
            VocabularyUse.Measure(vocabulary.Tokenizer, measured.ReadDocuments(seen), session.CancellationToken);
        var use = measured == corpus ? Measure(new CorpusStatistics()) : ReadingOptions.Read(Measure, session);
        if (use.Words == 0)
            session.Say("Warning: the evaluation data hold no word: there are no tokens a word and no share of unknown tokens to tell.");
        session.Result(
            new
            {
                Type = vocabulary.Tokenizer.ModelType,
                Size = vocabulary.Pieces.Count,
                ElapsedS = Math.Round(seconds, 3),
                Seconds = Math.Round(seconds, 3),
                use.TokensPerWord,
                use.UnknownTokenRate,
                UnknownShare = use.UnknownTokenRate,
                LowerCase = lowers,
                StripAccents = strips,
                vocabulary.CharactersLeftOut,
                vocabulary.WordsTooLong,
                Output = output.FullPath,
            },
            screen => screen.Facts(
            [
                ("pieces", Tables.Count(vocabulary.Pieces.Count)),
                ("seconds", Tables.Number(seconds, "0.0")),
                ("tokens a word", Tables.Number(use.TokensPerWord, "0.000")),
                ("unknown", Tables.Number(use.UnknownTokenRate, "0.0000 %")),
                ("case, accents", $"{(lowers ? "lower-cased" : "kept")}, {(strips ? "stripped" : "kept")}"),
                ("written to", output.FullPath),
            ]));
        return ExitCodes.Done;
    }

    /// <summary>What the pieces alone do not say: a tokenizer is more than they are.</summary>
    private static string PiecesAlone(bool lowerCase, bool stripAccents)
    {
        var again = lowerCase == stripAccents
            ? (lowerCase ? "" : "--cased")
            : stripAccents ? "--cased --strip-accents true" : "--strip-accents false";
        return "This file holds the pieces alone: it cannot say that accents are composed with their letters first (NFC)"
            + (again.Length == 0 ? "." : $", nor what becomes of case and accents: give {again} wherever it is used.")
            + " A name that ends with .json keeps all of it.";
    }

    private SubwordTokenizingOptions OptionsOf(ParseResult arguments)
    {
        var options = new SubwordTokenizingOptions
        {
            Model = arguments.GetValue(_type) is { } type ? Types[type] : SubwordModelType.WordPiece,
            VocabularySize = arguments.GetValue(_size),
            MinFrequency = arguments.GetValue(_minFrequency),
            AlphabetLimit = arguments.GetValue(_alphabetLimit),
            LowerCase = _case.LowerCase(arguments),
            StripAccents = _case.StripAccents(arguments),
            SpecialTokens = [.. (arguments.GetValue(_specialTokens) ?? []).SelectMany(tokens => tokens.Split(','))],
        };
        if (options.FaultOfSpecialTokens() is { } fault)
            throw new UsageException($"The tokens of --special-tokens {fault}.");
        return options;
    }
}
