namespace TextClassification;

/// <summary>An issue of a software project, labeled with the area that it belongs to.</summary>
/// <param name="Area">The label.</param>
/// <param name="Text">Title and description.</param>
public sealed record Issue(string Area, string Text);
