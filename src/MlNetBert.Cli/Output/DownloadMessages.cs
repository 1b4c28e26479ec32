using System.Collections.Concurrent;

namespace MlNetBert.Cli.Output;

/// <summary>Says which files of a model are fetched, each once.</summary>
internal sealed class DownloadMessages(Session session) : IProgress<HubProgress>
{
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    public void Report(HubProgress value)
    {
        if (_told.TryAdd(value.File, true))
        {
            string size = value.TotalBytes is { } bytes ? $" ({Tables.Number(bytes / 1e6, "#,0.0")} MB)" : "";
            session.Say($"Fetching {value.Repository}/{value.File}{size} …");
        }
    }
}
