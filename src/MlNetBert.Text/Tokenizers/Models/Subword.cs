using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>A piece of a word.</summary>
/// <param name="Id">Its place in the vocabulary.</param>
/// <param name="Length">
/// How many UTF-16 units of the word it stands for; 0 where it stands for those of the piece before it, as a further byte of a character
/// does.
/// </param>
[StructLayout(LayoutKind.Auto)]
[Experimental("MLNETBERT001")]
public readonly record struct Subword(int Id, int Length);
