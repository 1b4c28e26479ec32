namespace MlNetBert.NamedEntities;

/// <summary>An entity in a text.</summary>
/// <param name="Label">Its type.</param>
/// <param name="Text">What the text says there.</param>
/// <param name="Start">Where it begins, in UTF-16 units.</param>
/// <param name="End">Where it ends: the position after its last UTF-16 unit.</param>
/// <param name="Score">How sure a model is: the mean probability of its words' tags, 0 to 1; 1 for an entity that was given.</param>
public sealed record NamedEntity(string Label, string Text, int Start, int End, float Score = 1);
