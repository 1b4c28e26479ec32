namespace Stranger.Support;

/// <summary>A pipeline that was fitted once, saved in a zip and in a directory.</summary>
public sealed class Trained : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mlnetbert-stranger-");

    /// <summary>Fits and saves.</summary>
    public Trained() => Runs.InAPipeline(_directory.FullName);

    /// <summary>The ML.NET zip.</summary>
    public string Zip => At("model.zip");

    /// <summary>The model's directory.</summary>
    public string Model => At("model");

    /// <summary>A path beside them.</summary>
    public string At(string name) => Path.Combine(_directory.FullName, name);

    /// <inheritdoc/>
    public void Dispose() => _directory.Delete(recursive: true);
}
