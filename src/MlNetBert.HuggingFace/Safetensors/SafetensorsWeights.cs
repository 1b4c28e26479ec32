namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>The weights of one file.</summary>
internal sealed class SafetensorsWeights(SafetensorsFile file) : ICheckpointWeights
{
    public string Source => file.Name;

    public IReadOnlyCollection<string> Names => file.Names;

    public bool Contains(string name) => file.Tensors.ContainsKey(name);

    public SafetensorsTensor Describe(string name) => file.Describe(name);

    public ReadOnlySpan<byte> GetBytes(string name) => file.GetBytes(name);

    public Stream OpenRead(string name) => file.OpenRead(name);

    public void Dispose() => file.Dispose();
}
