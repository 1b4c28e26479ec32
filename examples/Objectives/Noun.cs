namespace Objectives;

/// <summary>A noun whose kind a classifier is to tell.</summary>
public sealed record Noun
{
    /// <summary>The noun in a sentence that says nothing about it.</summary>
    public string Text { get; init; } = "";

    /// <summary>What it is: the name of its table.</summary>
    public string Kind { get; init; } = "";
}
