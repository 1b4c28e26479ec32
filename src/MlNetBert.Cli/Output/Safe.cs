using MlNetBert.HuggingFace;

namespace MlNetBert.Cli.Output;

/// <summary>
/// What is shown to people: names and texts of files, servers and callers steer no terminal, and messages hold nothing that gives access.
/// </summary>
internal static class Safe
{
    /// <summary>A message, of whatever origin.</summary>
    public static string Message(string message) => SafeText.WithoutControls(SafeText.WithoutSecrets(message));

    /// <summary>A text for the screen, as it is but for what a terminal would follow; no markup.</summary>
    public static Spectre.Console.Text Text(string text) => new(SafeText.WithoutControls(text));
}
