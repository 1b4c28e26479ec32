namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>One call of <see cref="VocabularyTrainer.Train(IEnumerable{string}, IProgress{VocabularyTrainingProgress}?,
/// CancellationToken)"/>: who hears of it, and what stops it.</summary>
/// <param name="size">How many pieces are wanted.</param>
/// <param name="progress">Gets how far it is; null for nobody.</param>
/// <param name="cancellationToken">Stops it.</param>
internal sealed class TrainingRun(int size, IProgress<VocabularyTrainingProgress>? progress, CancellationToken cancellationToken)
{
    /// <summary>Stops it.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>How many texts were read so far.</summary>
    public long Texts { get; set; }

    /// <summary>Says how far it is, and stops here where that was asked for.</summary>
    /// <param name="phase">What is being done.</param>
    /// <param name="pieces">How many pieces there are.</param>
    public void Report(VocabularyTrainingPhase phase, int pieces)
    {
        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report(new(phase, Texts, pieces, size));
    }
}
