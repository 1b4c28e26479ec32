using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>How far a <see cref="WordPieceTrainer"/> is.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Texts">How many texts were read so far.</param>
/// <param name="Pieces">How many pieces were found so far.</param>
/// <param name="VocabularySize">How many are wanted.</param>
[StructLayout(LayoutKind.Auto)]
[Experimental("MLNETBERT001")]
public readonly record struct WordPieceTrainingProgress(WordPieceTrainingPhase Phase, long Texts, int Pieces, int VocabularySize);
