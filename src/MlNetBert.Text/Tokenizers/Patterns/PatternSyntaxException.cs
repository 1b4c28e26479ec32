namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>A regular expression that is none, or has what is not supported; the message says what, as the end of a sentence.</summary>
internal sealed class PatternSyntaxException(string message) : Exception(message);
