namespace MlNetBert.Training.Objectives;

/// <summary>A corrupted block; one is used for block after block. Not thread-safe.</summary>
[Experimental("MLNETBERT001")]
public sealed class CorruptedBlock
{
    /// <summary>The <see cref="PairLabel"/> of a block that is no pair.</summary>
    public const int NoPair = -100;

    /// <summary>The corrupted ids.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>Places of the targets among the ids, ascending; empty where <see cref="Labels"/> are a text of their own, which a
    /// decoder is to write.</summary>
    public List<int> Positions { get; } = [];

    /// <summary>What is to be predicted there, as many as positions, or what is to be written.</summary>
    public List<int> Labels { get; } = [];

    /// <summary>
    /// Of objectives over permutations: when each target is predicted, from 0, as many as positions. A target is seen by those that are
    /// predicted after it only. Empty where all is seen.
    /// </summary>
    public List<int> Ranks { get; } = [];

    /// <summary>The segments of the ids, as many as these; empty where all are of the first.</summary>
    public List<int> TokenTypeIds { get; } = [];

    /// <summary>Of objectives over pairs of texts: 0 where the second follows the first, 1 where it does not, or
    /// <see cref="NoPair"/>.</summary>
    /// <value>Default null: the objective is of texts alone.</value>
    public int? PairLabel { get; set; }

    /// <summary>
    /// Of objectives that train both: true where each token sees itself and those before it, false where it sees all.
    /// </summary>
    /// <value>Default null: as the model was made for.</value>
    public bool? IsCausal { get; set; }

    /// <summary>How many places before its own a token is predicted that the ids hide: <see cref="Positions"/> are those before.</summary>
    /// <value>Default 0: in its place, or the ids hide none.</value>
    public int Shift { get; set; }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        Ids.Clear();
        Positions.Clear();
        Labels.Clear();
        Ranks.Clear();
        TokenTypeIds.Clear();
        PairLabel = null;
        IsCausal = null;
        Shift = 0;
    }
}
