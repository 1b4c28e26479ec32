using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Corpora;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Pretraining;

/// <summary>The vocabulary of a run from files: given, learned, or the one that the run there was made with.</summary>
/// <param name="options">The run.</param>
/// <param name="messages">Gets what is being done, a line each; null for none.</param>
internal sealed class RunVocabulary(CorpusPretrainingOptions options, IProgress<string>? messages)
{
    private const string OriginName = "made-from.txt";

    private readonly SubwordTokenizingOptions _settings = options.Vocabulary ?? new();

    /// <summary>Reads, learns or finds the tokenizer.</summary>
    /// <param name="corpus">What is learned from.</param>
    /// <param name="cancellationToken">Stops the learning.</param>
    /// <exception cref="CheckpointException">The vocabulary is another than the run's, or its directory holds something else.</exception>
    public SubwordTokenizer TokenizerFor(Corpus corpus, CancellationToken cancellationToken)
    {
        var run = options.Resume ? TokenizerOfTheRun() : null;
        if (_settings.VocabularyFile is { } file)
        {
            var given = _settings.OpenVocabulary(file);
            if (UnreachablePieces.Of(given).Warning(_settings.NameOfCase) is { } warning)
                CorpusPretraining.Warn(messages, [warning]);
            return run is null
                || VocabularyDifference.Between(run, InTheRun(given)) is not { } difference ? given : Keep(run, difference, file);
        }

        return LearntFor(corpus, run, cancellationToken);
    }

    /// <summary>
    /// The tokenizer that the weights of the newest checkpoint were trained with; null where there is none. Other pieces under its
    /// embeddings would be other words'.
    /// </summary>
    private SubwordTokenizer? TokenizerOfTheRun() =>
        new CheckpointStore(options.CheckpointDirectory).FindNewest() is { } checkpoint
            ? SubwordTokenizer.FromDirectory(checkpoint, _settings.InvalidText)
            : null;

    /// <summary>With the tokens that the objective adds, as a checkpoint has it.</summary>
    private SubwordTokenizer InTheRun(SubwordTokenizer tokenizer) => PretrainingRun.TokenizerFor(tokenizer, start: null, options.Training);

    private SubwordTokenizer Keep(SubwordTokenizer run, string difference, string found)
    {
        if (!options.Training.AllowChangesOnResume)
        {
            throw new CheckpointException(
                options.OutputDirectory,
                $"expected the vocabulary that the run there was made with, found another in {found}: {difference}. Put it back, set "
                    + $"{nameof(TrainingOptions)}.{nameof(TrainingOptions.AllowChangesOnResume)} to go on with the run's own, or choose "
                    + "another directory.");
        }

        messages?.Report($"Warning: The vocabulary that the model was made with is kept, not that of {found}: {difference}.");
        return run;
    }

    private SubwordTokenizer LearntFor(Corpus corpus, SubwordTokenizer? run, CancellationToken cancellationToken)
    {
        var directory = Path.Combine(options.DataDirectory, "vocabulary");
        var origin = Path.Combine(directory, OriginName);
        var characters = _settings.AlphabetLimit ?? 1000;
        var wantedOnce = string.Create(
            CultureInfo.InvariantCulture,
            $"{_settings.Size} pieces, seen {_settings.Frequency} times, {characters} characters, lower-cased "
                + $"{_settings.LowersCase}, accents stripped {_settings.StripAccents}")
            + (_settings.Model == SubwordModelType.WordPiece ? "" : $", {_settings.Model}")
            + (_settings.SpecialTokens.Count == 0 ? "" : $", special tokens {string.Join(' ', _settings.SpecialTokens)}");
        var wanted = wantedOnce + (_settings.AlphabetLimit is null ? ", accents composed, characters as needed" : ", accents composed");
        var description = $"{wanted}\n{corpus.Fingerprint}";
        var found = File.Exists(origin) ? File.ReadAllText(origin) : null;
        if (run is not null)
        {
            // A run of an earlier build continues with its vocabulary.
            if (found is not null && found.Split('\n')[0] is var then && then != wanted && then != wantedOnce)
                return Keep(run, $"it was made with {then}", $"the settings ({wanted})");
            var learnt = found is null ? null : SubwordTokenizer.FromDirectory(directory, _settings.InvalidText);
            if (learnt is not null && VocabularyDifference.Between(run, InTheRun(learnt)) is null)
                return learnt;
            messages?.Report(
                $"The vocabulary of {run.Vocabulary.Count} pieces that the model was made with is kept: {directory} "
                    + "does not hold it any more.");
            return run;
        }

        if (found == description)
            return SubwordTokenizer.FromDirectory(directory, _settings.InvalidText);
        if (found is null && Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            throw new CheckpointException(directory,
                $"expected the vocabulary of a run, with its {OriginName}, found other files. Nothing was changed there. Move them away, "
                    + "or choose another directory.");
        messages?.Report($"Learning a vocabulary of {_settings.Size} pieces.");
        var seen = new CorpusStatistics();
        TrainedVocabulary vocabulary;
        try
        {
            vocabulary = _settings.CreateTrainer().Train(corpus.ReadDocuments(seen), cancellationToken: cancellationToken);
        }
        catch
        {
            // What there is to say of the texts; else the token store says it.
            CorpusPretraining.Warn(messages, seen.Notes);
            throw;
        }

        foreach (var note in vocabulary.Notes)
            messages?.Report(note);
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        AtomicDirectory.Create(directory, target =>
        {
            vocabulary.Tokenizer.Save(target);
            File.WriteAllText(Path.Combine(target, OriginName), description);
        });
        return SubwordTokenizer.FromDirectory(directory, _settings.InvalidText);
    }
}
