namespace MlNetBert.Inference;

/// <summary>A file of a model that was opened, which is written when the model is saved.</summary>
internal interface IHeldFile : IDisposable
{
    /// <summary>Path relative to the model directory, with forward slashes.</summary>
    string Name { get; }

    /// <summary>Writes the file into another directory.</summary>
    /// <param name="directory">The directory.</param>
    void CopyTo(string directory);
}
