namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>What a <see cref="VocabularyTrainer"/> is doing.</summary>
[Experimental("MLNETBERT001")]
public enum VocabularyTrainingPhase
{
    /// <summary>Reading the texts and counting their words.</summary>
    Counting,

    /// <summary>Choosing pieces: joining them, or pruning those that are needed least.</summary>
    Learning,

    /// <summary>Done.</summary>
    Done,
}
