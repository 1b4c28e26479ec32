using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers;

/// <summary>Where in the text a token comes from, in UTF-16 units; [0, 0) for a token that was added.</summary>
[StructLayout(LayoutKind.Auto)]
[Experimental("MLNETBERT001")]
public readonly record struct TokenOffset
{
    internal TokenOffset(int start, int end)
    {
        Start = start;
        End = end;
    }

    /// <summary>The first position.</summary>
    public int Start { get; internal init; }

    /// <summary>The position after the last.</summary>
    public int End { get; internal init; }
}
