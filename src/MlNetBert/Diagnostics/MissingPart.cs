namespace MlNetBert.Diagnostics;

/// <summary>Something that is not there.</summary>
/// <param name="What">What is missing.</param>
/// <param name="Remedy">How to get it.</param>
/// <param name="Required">Whether nothing can be computed without it.</param>
internal sealed record MissingPart(string What, string Remedy, bool Required);
