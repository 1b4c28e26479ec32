using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>An added token as a file has it.</summary>
/// <param name="Token">The token.</param>
/// <param name="Id">Its id, where the file says one.</param>
/// <param name="Part">Where it stands.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FoundToken(AddedToken Token, int? Id, JsonPart Part)
{
    /// <summary>Whether it is named as one of the five that a tokenizer needs, such as [MASK].</summary>
    public bool HasRole { get; init; }
}
