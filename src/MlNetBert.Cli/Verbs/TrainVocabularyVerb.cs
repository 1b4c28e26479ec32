using System.CommandLine;
using System.Diagnostics;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Corpora;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.WordPiece;

namespace MlNetBert.Cli.Verbs;

/// <summary>Learns a WordPiece vocabulary.</summary>
internal sealed class TrainVocabularyVerb : Verb
{
    private readonly Option<string[]> _data = Inputs.Data("--data", required: true, "The texts to learn from");
    private readonly Option<string[]> _evaluationData =
        Inputs.Data("--eval-data", required: false, "The texts to measure the vocabulary on, instead of the data");
    private readonly ReadingOptions _reading = new();
    private readonly Option<string> _output = new("--output")
    {
        Description = "The file to write: a name that ends with .json is a tokenizer.json, another one holds the pieces alone, one a line.",
        HelpName = "FILE",
        Required = true,
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
        : base("train-vocabulary", "Learn a WordPiece vocabulary from text.")
    {
        Takes([_data, _evaluationData, _size, _minFrequency, _alphabetLimit, .. _case.All, .. _reading.ForFiles, _output]);
        Validators.Add(_case.Check);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "train-vocabulary --data corpus.txt --output vocab.txt",
        "train-vocabulary --data noticias.txt --strip-accents false --output tokenizer.json",
        "train-vocabulary --data issues.tsv --column Description --vocabulary-size 4000 --cased --output vocab.txt --json",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var watch = Stopwatch.StartNew();
        var output = arguments.GetRequiredValue(_output);
        var corpora = arguments.GetValue(_evaluationData) is { Length: > 0 } paths
            ? _reading.Open(arguments, session, arguments.GetRequiredValue(_data), paths)
            : _reading.Open(arguments, session, arguments.GetRequiredValue(_data));
        var (corpus, measured) = (corpora[0], corpora[^1]);
        RequireOther(output, "--data", corpus);
        RequireOther(output, "--eval-data", measured);
        if (corpus.WouldHold(output) || measured.WouldHold(output))
            session.Say($"Warning: {output} lies among the texts and will be read as a text the next time. Name a file elsewhere.");
        AtomicFile.RequireWritable(output);
        var trainer = new WordPieceTrainer(new WordPieceTrainerOptions
        {
            VocabularySize = arguments.GetValue(_size),
            MinFrequency = arguments.GetValue(_minFrequency),
            AlphabetLimit = arguments.GetValue(_alphabetLimit),
            Tokenizer = _case.Tokenizer(arguments),
        });
        var vocabulary = ReadingOptions.Read(
            seen => trainer.Train(corpus.ReadDocuments(seen), cancellationToken: session.CancellationToken), session);
        var whole = output.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        AtomicFile.WriteAllBytes(output, vocabulary.Tokenizer.ToFiles()[whole ? ModelFiles.Tokenizer : ModelFiles.Vocabulary]);
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var note in vocabulary.Notes)
            session.Say(note);
        var (lowers, strips) = (vocabulary.Tokenizer.LowersCase, vocabulary.Tokenizer.StripsAccents);
        if (!whole)
            session.Say(PiecesAlone(lowers, strips));

        VocabularyUse Measure(CorpusStatistics seen) =>
            VocabularyUse.Measure(vocabulary.Tokenizer, measured.ReadDocuments(seen), session.CancellationToken);
        var use = measured == corpus ? Measure(new CorpusStatistics()) : ReadingOptions.Read(Measure, session);
        if (use.Words == 0)
            session.Say("Warning: the evaluation data hold no word: there are no tokens a word and no share of unknown tokens to tell.");
        session.Result(
            new
            {
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
                Output = Path.GetFullPath(output),
            },
            screen => screen.Facts(
            [
                ("pieces", Tables.Count(vocabulary.Pieces.Count)),
                ("seconds", Tables.Number(seconds, "0.0")),
                ("tokens a word", Tables.Number(use.TokensPerWord, "0.000")),
                ("unknown", Tables.Number(use.UnknownTokenRate, "0.0000 %")),
                ("case, accents", $"{(lowers ? "lower-cased" : "kept")}, {(strips ? "stripped" : "kept")}"),
                ("written to", Path.GetFullPath(output)),
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

    /// <summary>A vocabulary must not take the place of a text, under whatever name.</summary>
    private static void RequireOther(string output, string option, Corpus corpus)
    {
        if (corpus.Contains(output))
            throw new UsageException($"--output {output} is a file of {option}, which the vocabulary would replace. Name another file.");
    }
}
