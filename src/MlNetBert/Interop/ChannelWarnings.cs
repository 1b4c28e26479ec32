using Microsoft.ML.Runtime;

namespace MlNetBert.Interop;

/// <summary>Warnings in ML.NET's log.</summary>
internal static class ChannelWarnings
{
    /// <summary>Writes each warning.</summary>
    public static void Warn(this IChannel channel, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
            channel.Warning(MessageSensitivity.None, "{0}", warning);
    }
}
