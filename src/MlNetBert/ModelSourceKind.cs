namespace MlNetBert;

/// <summary>What a <see cref="ModelSource"/> names.</summary>
internal enum ModelSourceKind
{
    /// <summary>A Hugging Face directory.</summary>
    Directory,

    /// <summary>An ML.NET zip that holds a model of this project.</summary>
    Zip,

    /// <summary>A repository of the Hugging Face hub.</summary>
    Hub,
}
