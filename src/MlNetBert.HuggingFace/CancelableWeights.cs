using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace;

/// <summary>Weights whose reading stops at the next tensor when it is canceled.</summary>
internal sealed class CancelableWeights(ICheckpointWeights weights, CancellationToken cancellationToken) : ICheckpointWeights
{
    public string Source => weights.Source;

    public IReadOnlyCollection<string> Names => weights.Names;

    public IReadOnlyList<string> Notes => weights.Notes;

    /// <summary>The weights, or these where they cannot be canceled anyway.</summary>
    public static ICheckpointWeights Of(ICheckpointWeights weights, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? new CancelableWeights(weights, cancellationToken) : weights;

    public bool Contains(string name) => weights.Contains(name);

    public SafetensorsTensor Describe(string name) => weights.Describe(name);

    public ReadOnlySpan<byte> GetBytes(string name)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return weights.GetBytes(name);
    }

    public Stream OpenRead(string name)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return weights.OpenRead(name);
    }

    public void Dispose() => weights.Dispose();
}
