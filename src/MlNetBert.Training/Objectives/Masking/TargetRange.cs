using System.Runtime.InteropServices;

namespace MlNetBert.Training.Objectives.Masking;

/// <summary>Tokens of a block that are masked together or not at all.</summary>
/// <param name="Start">The first one's place.</param>
/// <param name="End">The place behind the last one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TargetRange(int Start, int End)
{
    /// <summary>How many tokens.</summary>
    public int Length => End - Start;
}
