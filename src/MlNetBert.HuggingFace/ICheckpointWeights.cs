using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace;

/// <summary>The weights that a model is loaded from, whether one file, shards or memory. Thread-safe for reading.</summary>
[Experimental("MLNETBERT001")]
public interface ICheckpointWeights : IDisposable
{
    /// <summary>Where the weights are from, as messages show it.</summary>
    string Source { get; }

    /// <summary>The names of all tensors.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>What there is to say about how the weights were found, such as what was left out beside them; a sentence or two
    /// each.</summary>
    IReadOnlyList<string> Notes => [];

    /// <summary>Whether there is a tensor of that name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>True if so.</returns>
    bool Contains(string name);

    /// <summary>Type, shape and size of a tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>Its description.</returns>
    /// <exception cref="SafetensorsFormatException">There is no such tensor.</exception>
    SafetensorsTensor Describe(string name);

    /// <summary>A tensor's bytes, read anew by each call where they are in a file. Not to be used after Dispose.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>Little-endian values, row-major.</returns>
    /// <exception cref="SafetensorsFormatException">There is no such tensor, or it has 2 GiB or more.</exception>
    /// <exception cref="ObjectDisposedException">The weights have been disposed.</exception>
    ReadOnlySpan<byte> GetBytes(string name);

    /// <summary>A tensor's bytes as a stream, of any size.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>A read-only stream; dispose it.</returns>
    /// <exception cref="SafetensorsFormatException">There is no such tensor.</exception>
    /// <exception cref="ObjectDisposedException">The weights have been disposed.</exception>
    Stream OpenRead(string name);
}
