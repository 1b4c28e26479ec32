namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>What a <see cref="WordPieceTrainer"/> is doing.</summary>
[Experimental("MLNETBERT001")]
public enum WordPieceTrainingPhase
{
    /// <summary>Reading the texts and counting their words.</summary>
    Counting,

    /// <summary>Joining pieces.</summary>
    Merging,

    /// <summary>Done.</summary>
    Done,
}
