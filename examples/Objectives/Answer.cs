namespace Objectives;

/// <summary>A case of the lesson as a model answers it.</summary>
/// <param name="Asked">What is asked.</param>
/// <param name="Given">What the model gives.</param>
/// <param name="Expected">What the lesson gives.</param>
/// <param name="Right">Whether they agree.</param>
public sealed record Answer(string Asked, string Given, string Expected, bool Right);
