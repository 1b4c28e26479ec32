using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Hub;

namespace MlNetBert.Inference;

/// <summary>Brings the files of a model from the hub into the cache.</summary>
internal static class HubSnapshot
{
    private static readonly string[] Small =
    [
        ModelFiles.Tokenizer, ModelFiles.TokenizerConfig, ModelFiles.SpecialTokensMap, ModelFiles.AddedTokens, ModelFiles.Vocabulary, ModelFiles.Card,
        ModelFiles.SentenceModules, ModelFiles.SentenceConfig, ModelFiles.PoolingConfig,
    ];

    /// <summary>Fetches what is not in the cache yet.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="options">How to reach the hub.</param>
    /// <param name="weights">Whether the weights are wanted too.</param>
    /// <returns>The snapshot's directory.</returns>
    public static string Fetch(string repository, string revision, HubOptions? options, bool weights)
    {
        using var hub = new HubClient(options);
        var snapshot = hub.GetSnapshot(repository, [ModelFiles.Config], Small, revision);
        if (!weights)
            return snapshot;
        var commit = Path.GetFileName(snapshot);
        hub.GetSnapshot(repository, [ModelFiles.Config], [ModelFiles.Weights], commit);
        if (File.Exists(Path.Combine(snapshot, ModelFiles.Weights)))
            return snapshot;
        hub.GetSnapshot(repository, [ModelFiles.Config], [ModelFiles.WeightsIndex], commit);
        var index = Path.Combine(snapshot, ModelFiles.WeightsIndex);
        if (!File.Exists(index))
        {
            throw new HubException(
                $"{repository} (revision {revision})", $"has neither {ModelFiles.Weights} nor {ModelFiles.WeightsIndex}; weights in other formats are not read. Convert them with Python (save_pretrained, safe_serialization=True), or take another repository.");
        }

        hub.GetSnapshot(repository, [ModelFiles.Config, .. CheckpointWeights.ShardsOf(index)], revision: commit);
        return snapshot;
    }
}
