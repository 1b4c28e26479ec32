using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>
/// Learns a vocabulary from texts. The same texts give the same vocabulary, whatever their order and the number of threads.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract class VocabularyTrainer
{
    private readonly int _size;

    private protected VocabularyTrainer(int size) => _size = size;

    /// <summary>Learns a vocabulary. The texts are read once and not kept: only their words are.</summary>
    /// <param name="texts">The texts; nothing is learned of special tokens in them.</param>
    /// <param name="progress">Gets how far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The vocabulary; <see cref="TrainedVocabulary.SizeDiffers"/> says whether the texts gave fewer pieces than asked
    /// for.</returns>
    /// <exception cref="ArgumentException">There is no word in the texts, or a text is null.</exception>
    /// <exception cref="InvalidTextException">A text is not valid UTF-16 and the options refuse that.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public TrainedVocabulary Train(
        IEnumerable<string> texts,
        IProgress<VocabularyTrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var run = new TrainingRun(_size, progress, cancellationToken);
        TrainedVocabulary vocabulary = Train(texts, run);
        run.Report(VocabularyTrainingPhase.Done, vocabulary.Pieces.Count);
        return vocabulary;
    }

    private protected abstract TrainedVocabulary Train(IEnumerable<string> texts, TrainingRun run);

    /// <summary>Counts words; there must be one.</summary>
    private protected static WordTally Count(IEnumerable<string> texts, AddedTokens tokens, int? threads, TrainingRun run)
    {
        WordTally tally = new WordCounter(tokens, threads).Count(
            texts,
            read =>
            {
                run.Texts = read;
                run.Report(VocabularyTrainingPhase.Counting, 0);
            },
            run.CancellationToken);
        return tally.Words.Count + tally.TooLong > 0
            ? tally
            : throw new ArgumentException(
                FormattableString.Invariant($"Found no word to learn from (texts: {tally.Texts}). Give texts that are not empty."),
                nameof(texts));
    }
}
