namespace MlNetBert.NamedEntities;

/// <summary>An entity in a text.</summary>
internal sealed record NamedEntity
{
    internal NamedEntity(string label, string text, int start, int end, float score = 1)
    {
        Label = label;
        Text = text;
        Start = start;
        End = end;
        Score = score;
    }

    /// <summary>Its type.</summary>
    public string Label { get; internal init; }

    /// <summary>What the text says there.</summary>
    public string Text { get; internal init; }

    /// <summary>Where it begins, in UTF-16 units.</summary>
    public int Start { get; internal init; }

    /// <summary>Where it ends: the position after its last UTF-16 unit.</summary>
    public int End { get; internal init; }

    /// <summary>How sure a model is: the mean probability of its words' tags, 0 to 1; 1 for an entity that was given.</summary>
    public float Score { get; internal init; }
}
