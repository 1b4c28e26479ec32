using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlNetBert.HuggingFace;

namespace MlNetBert.Training.Checkpoints;

/// <summary>What <see cref="RunDirectory.MarkName"/> holds: the format of the directory, and who is in it.</summary>
internal sealed record RunMark
{
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public int Format { get; init; } = CurrentFormat;

    public int? Process { get; init; }

    public string? Host { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>The mark of a directory that no run is in.</summary>
    public static RunMark Empty { get; } = new();

    [JsonIgnore]
    public bool IsThisProcess => Process == Environment.ProcessId && Host == Environment.MachineName;

    /// <summary>Whether the process is of this machine and still there: what decides where a file system knows no locks.</summary>
    [JsonIgnore]
    public bool IsAlive
    {
        get
        {
            if (Process is not { } id || Host != Environment.MachineName)
                return false;
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(id);
                return !process.HasExited;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }
    }

    /// <summary>The mark of this process.</summary>
    public static RunMark Now() => new() { Process = Environment.ProcessId, Host = Environment.MachineName, Since = DateTimeOffset.UtcNow };

    /// <summary>
    /// Reads a mark. A run that was killed may have left half of it: the file's name is the mark, what it holds only tells more.
    /// </summary>
    public static RunMark Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RunMark>(FileLock.Read(path), Json) ?? Empty;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return Empty;
        }
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    public override string ToString() => Process is not { } id
        ? "a process that did not tell its name"
        : string.Create(CultureInfo.InvariantCulture,
            $"process {id}{(IsThisProcess ? " (this one)" : "")} on host {Host}, since {Since:yyyy-MM-dd HH:mm:ss}Z");
}
