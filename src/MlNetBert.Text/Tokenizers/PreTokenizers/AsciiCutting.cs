using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>How a pre-tokenizer cuts texts of ASCII whose words stay as they are except for a blank that begins them.</summary>
/// <param name="Pattern">Finds the words.</param>
/// <param name="Blank">The character that a blank becomes.</param>
internal sealed record AsciiCutting(WordPattern Pattern, char Blank)
{
    /// <summary>Whether the blank before a word is dropped and a mark stands before every word; otherwise it becomes the mark.</summary>
    public bool DropsBlanks { get; init; }
}
