using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>Two pieces that were joined to one.</summary>
/// <param name="Left">The place of the first among the pieces.</param>
/// <param name="Right">The place of the second.</param>
/// <param name="Joined">The place of what they make together.</param>
/// <param name="Count">How often they stood together then.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PieceJoin(int Left, int Right, int Joined, long Count);
