namespace MlNetBert.Tests.Support;

/// <summary>Keeps what it is told.</summary>
internal sealed class MessageList : List<string>, IProgress<string>
{
    public void Report(string value) => Add(value);
}
