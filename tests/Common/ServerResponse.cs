namespace MlNetBert.Tests.Common;

internal sealed record ServerResponse(int Status)
{
    public Dictionary<string, string> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    public byte[] Body { get; init; } = [];

    /// <summary>How many bytes of the body are sent before the connection is closed; the rest never comes.</summary>
    public int? CloseAfter { get; init; }

    /// <summary>The length is not told: the body ends with the connection.</summary>
    public bool WithoutLength { get; init; }

    /// <summary>Nothing is ever answered.</summary>
    public bool Silent { get; init; }

    public ServerResponse With(string name, string value)
    {
        Headers[name] = value;
        return this;
    }
}
