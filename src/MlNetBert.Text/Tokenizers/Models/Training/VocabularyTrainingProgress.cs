using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>How far a <see cref="VocabularyTrainer"/> is.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Texts">How many texts were read so far.</param>
/// <param name="Pieces">How many pieces there are so far; they grow to the size wanted, or shrink to it where the trainer prunes.</param>
/// <param name="VocabularySize">How many are wanted.</param>
[StructLayout(LayoutKind.Auto)]
[Experimental("MLNETBERT001")]
public readonly record struct VocabularyTrainingProgress(VocabularyTrainingPhase Phase, long Texts, int Pieces, int VocabularySize);
