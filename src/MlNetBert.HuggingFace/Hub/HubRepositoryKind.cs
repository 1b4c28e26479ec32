namespace MlNetBert.HuggingFace.Hub;

/// <summary>What a repository of the hub holds.</summary>
[Experimental("MLNETBERT001")]
public enum HubRepositoryKind
{
    /// <summary>A model.</summary>
    Model,

    /// <summary>A data set.</summary>
    Dataset,
}
