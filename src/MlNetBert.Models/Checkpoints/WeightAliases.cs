namespace MlNetBert.Models.Checkpoints;

/// <summary>What a model's table of names says beside the names themselves.</summary>
[Experimental("MLNETBERT001")]
public sealed record WeightAliases
{
    /// <summary>What precedes a backbone's names inside a model with a head (<c>bert.</c>).</summary>
    public required string Prefix { get; init; }

    /// <summary>Other names of a weight: the name, then the weight it is.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyDictionary<string, string> Others { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Ends of names, and what they are called in older files.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyDictionary<string, string> OlderEnds { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Ends of names that hold constants the model computes itself.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>Weights that a file may hold beside the one they equal, or instead of it.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<TiedWeight> Tied { get; init; } = [];

    /// <summary>Beginnings of the names of weights whose rows are those of labels: the last layer of a classifier.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>Whether the rows of a weight are those of labels.</summary>
    internal bool IsOutput(string name) => Outputs.Any(start => name.StartsWith(start, StringComparison.Ordinal));
}
