namespace MlNetBert.HuggingFace;

/// <summary>What stands at a path.</summary>
internal enum FileKind
{
    /// <summary>Nothing, or a link that leads nowhere.</summary>
    None,

    /// <summary>A file with content.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A named pipe: reading waits for a writer.</summary>
    Pipe,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>A device, which may never end.</summary>
    Device,
}
