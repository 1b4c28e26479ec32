using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>An added token in a text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">Where it begins, blanks that belong to it included.</param>
/// <param name="End">Where it ends.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AddedTokenMatch(int Id, int Start, int End);
