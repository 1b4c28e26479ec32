namespace Stranger.Support;

/// <summary>Before the first test, the extensions are registered; and a pipeline with them, fitted once for all tests that ask, saved in a zip and in a directory.</summary>
public sealed class Trained : IDisposable
{
    private readonly Lazy<DirectoryInfo> _directory = new(() =>
    {
        var directory = Directory.CreateTempSubdirectory("mlnetbert-stranger-");
        Runs.InAPipeline(directory.FullName);
        return directory;
    });

    /// <summary>Registers.</summary>
    public Trained() => Registration.Register();

    /// <summary>The ML.NET zip.</summary>
    public string Zip => At("model.zip");

    /// <summary>The model's directory.</summary>
    public string Model => At("model");

    /// <summary>A path beside them.</summary>
    public string At(string name) => Path.Combine(_directory.Value.FullName, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_directory.IsValueCreated)
            _directory.Value.Delete(recursive: true);
    }
}
