namespace MlNetBert.Cli;

/// <summary>The arguments are wrong in a way that shows only once the work looks at them.</summary>
internal sealed class UsageException(string message) : Exception(message);
