namespace MlNetBert.Tests.Common;

/// <summary>How a child process ended.</summary>
/// <param name="ExitCode">0 when the method returned.</param>
/// <param name="Result">What it returned, or null.</param>
/// <param name="Output">What it wrote before that.</param>
/// <param name="Error">What it wrote to the error stream.</param>
internal sealed record ChildResult(int ExitCode, string? Result, string Output, string Error);
