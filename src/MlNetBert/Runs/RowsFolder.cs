using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Runtime;
using MlNetBert.Interop;
using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Runs;

/// <summary>
/// Where a Fit has its checkpoints: a folder of <see cref="TrainingOptions.CheckpointDirectory"/> named by a digest of the rows that are
/// trained on, so that the folds of a cross-validation do not meet, and the same rows find their own again.
/// </summary>
internal static class RowsFolder
{
    private const string Prefix = "rows-";
    private const int Digits = 16;

    /// <summary>The options of a Fit, whose checkpoints are in its own folder.</summary>
    /// <param name="options">How it trains.</param>
    /// <param name="fingerprint">What the rows are told by.</param>
    /// <param name="channel">Gets where checkpoints of other rows are passed over.</param>
    public static T In<T>(T options, string fingerprint, IChannel channel)
        where T : TrainingOptions => options.CheckpointDirectory is null ? options : options with
        {
            CheckpointDirectory = Of(options, fingerprint, channel),
        };

    private static string Of(TrainingOptions options, string fingerprint, IChannel channel)
    {
        var directory = options.CheckpointDirectory!;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)))[..Digits];
        var own = Path.Combine(directory, Prefix + digest);
        if (!options.Resume || Holds(own))
            return own;
        // A run of an earlier build has its checkpoints in the directory itself.
        if (Holds(directory))
            return directory;
        List<string> others = Directory.Exists(directory) ? [.. Directory.EnumerateDirectories(directory, Prefix + "*").Where(Holds)] : [];
        if (options.AllowChangesOnResume && others is [var only])
            return only;
        if (options.AllowChangesOnResume && others.Count > 1)
            channel.Warn([
                $"{directory} holds checkpoints of other rows in {others.Count} folders, so it is not clear which to go on with: "
                    + $"training begins anew in {own}."]);
        return own;
    }

    private static bool Holds(string directory) => new CheckpointStore(directory).Steps.Count > 0;
}
