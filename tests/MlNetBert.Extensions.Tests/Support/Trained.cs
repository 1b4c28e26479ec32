using MlNetBert.Tests.Common;

namespace Stranger.Support;

/// <summary>Before the first test, the extensions are registered; and a pipeline with them, fitted once for all tests that ask, saved in a zip and in a directory.</summary>
public sealed class Trained : IDisposable
{
    private readonly Lazy<TemporaryDirectory> _directory = new(() =>
    {
        var directory = new TemporaryDirectory();
        Runs.InAPipeline(directory.Path);
        return directory;
    });

    /// <summary>Registers.</summary>
    public Trained() => Registration.Register();

    /// <summary>The ML.NET zip.</summary>
    public string Zip => At("model.zip");

    /// <summary>The model's directory.</summary>
    public string Model => At("model");

    /// <summary>A path beside them.</summary>
    public string At(string name) => _directory.Value.File(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_directory.IsValueCreated)
            _directory.Value.Dispose();
    }
}
