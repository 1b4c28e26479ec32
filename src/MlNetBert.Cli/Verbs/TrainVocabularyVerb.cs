using System.CommandLine;
using System.Diagnostics;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.WordPiece;

namespace MlNetBert.Cli.Verbs;

/// <summary>Learns a WordPiece vocabulary.</summary>
internal sealed class TrainVocabularyVerb : Verb
{
    private readonly Option<string> _data = Inputs.Data("--data", required: true, "The texts to learn from");
    private readonly Option<string?> _evaluationData = Inputs.Data("--eval-data", required: false, "The texts to measure the vocabulary on; without it, the data")!;
    private readonly Option<string?> _column = Inputs.Column();
    private readonly Option<string?> _documents = Inputs.Documents();
    private readonly Option<string> _output = new("--output") { Description = "The file to write, a piece a line.", HelpName = "F", Required = true };
    private readonly Option<bool> _cased = new("--cased") { Description = "Keep case and accents." };
    private readonly Option<int> _size = new Option<int>("--size") { Description = "Pieces of the vocabulary.", HelpName = "N", DefaultValueFactory = _ => 8_000 }.AtLeast(6);
    private readonly Option<int> _minFrequency =
        new Option<int>("--min-frequency") { Description = "How often two pieces must meet to become one.", HelpName = "N", DefaultValueFactory = _ => 2 }.AtLeast(1);

    public TrainVocabularyVerb()
        : base("train-vocabulary", "Learn a WordPiece vocabulary from text.") =>
        Takes(_data, _evaluationData, _size, _minFrequency, _cased, _column, _documents, _output);

    public override IReadOnlyList<string> Examples { get; } =
    [
        "train-vocabulary --data corpus.txt --output vocab.txt",
        "train-vocabulary --data issues.tsv --column Description --size 4000 --cased --output vocab.txt --json",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var watch = Stopwatch.StartNew();
        var corpus = Inputs.OpenCorpus(arguments.GetRequiredValue(_data), arguments.GetValue(_column), arguments.GetRequiredValue(_documents)!);
        var measured = arguments.GetValue(_evaluationData) is { } path
            ? Inputs.OpenCorpus(path, arguments.GetValue(_column), arguments.GetRequiredValue(_documents)!)
            : corpus;
        var vocabulary = new WordPieceTrainer(new WordPieceTrainerOptions
        {
            VocabularySize = arguments.GetValue(_size),
            MinFrequency = arguments.GetValue(_minFrequency),
            Tokenizer = new WordPieceTokenizerOptions { LowerCase = !arguments.GetValue(_cased) },
        }).Train(corpus.ReadDocuments(), cancellationToken: session.CancellationToken);
        var output = arguments.GetRequiredValue(_output);
        AtomicFile.WriteAllBytes(output, vocabulary.Tokenizer.ToFiles()[ModelFiles.Vocabulary]);
        var seconds = watch.Elapsed.TotalSeconds;
        if (vocabulary.SizeDiffers)
            session.Say($"The texts gave {vocabulary.Pieces.Count} pieces instead of the {vocabulary.RequestedSize} asked for.");

        var use = VocabularyUse.Measure(vocabulary.Tokenizer, measured.ReadDocuments(), session.CancellationToken);
        session.Result(
            new { Size = vocabulary.Pieces.Count, Seconds = Math.Round(seconds, 3), use.TokensPerWord, use.UnknownShare, Output = Path.GetFullPath(output) },
            screen => screen.Facts(
            [
                ("pieces", Tables.Count(vocabulary.Pieces.Count)),
                ("seconds", Tables.Number(seconds, "0.0")),
                ("tokens a word", Tables.Number(use.TokensPerWord, "0.000")),
                ("unknown", Tables.Number(use.UnknownShare, "0.0000 %")),
                ("written to", Path.GetFullPath(output)),
            ]));
        return ExitCodes.Done;
    }
}
