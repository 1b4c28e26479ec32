namespace MlNetBert.Models.Native;

/// <summary>Where the libtorch of this process came from.</summary>
[Experimental("MLNETBERT001")]
public enum TorchSource
{
    /// <summary>The directory named by the environment variable <c>LIBTORCH</c>.</summary>
    Environment,

    /// <summary>Files beside the application, as <c>dotnet publish</c> lays them.</summary>
    Application,

    /// <summary>The NuGet package, loaded where NuGet keeps it.</summary>
    Package,
}
