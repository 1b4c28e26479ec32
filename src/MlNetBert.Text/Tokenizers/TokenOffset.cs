using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers;

/// <summary>Where in the text a token comes from, in UTF-16 units; [0, 0) for a token that was added.</summary>
/// <param name="Start">The first position.</param>
/// <param name="End">The position after the last.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TokenOffset(int Start, int End);
