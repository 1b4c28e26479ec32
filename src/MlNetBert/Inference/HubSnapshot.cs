using System.Net;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Hub;

namespace MlNetBert.Inference;

/// <summary>Brings the files of a model from the hub into the cache.</summary>
internal static class HubSnapshot
{
    private static readonly string[] Small =
    [
        ModelFiles.Tokenizer, ModelFiles.TokenizerConfig, ModelFiles.SpecialTokensMap, ModelFiles.AddedTokens, ModelFiles.Vocabulary,
        ModelFiles.Card,
        ModelFiles.SentenceModules, ModelFiles.SentenceConfig, ModelFiles.PoolingConfig,
    ];

    /// <summary>
    /// Fetches what is not in the cache yet. Where the cache holds all that opening needs, nothing else decides: neither a hub that does
    /// not answer nor a cache that cannot be written.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="options">How to reach the hub.</param>
    /// <param name="weights">Whether the weights are wanted too.</param>
    /// <returns>The snapshot's directory.</returns>
    public static string Fetch(string repository, string revision, HubOptions? options, bool weights)
    {
        using var hub = new HubClient(options);
        if (Cached(hub, repository, revision, weights) is { } needed)
        {
            try
            {
                return hub.GetSnapshot(repository, needed, [.. Small.Except(needed, StringComparer.Ordinal)], revision);
            }
            catch (HubException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // The branch went on to a commit that keeps its weights or its vocabulary in other files.
            }
        }

        var snapshot = hub.GetSnapshot(repository, [ModelFiles.Config], revision: revision);
        var commit = Path.GetFileName(snapshot);
        if (weights)
            FetchWeights(hub, repository, revision, commit);
        return hub.GetSnapshot(repository, [ModelFiles.Config], Small, commit);
    }

    /// <summary>The files that opening needs, where the cache holds all of them; else null.</summary>
    private static List<string>? Cached(HubClient hub, string repository, string revision, bool weights)
    {
        bool Has(string file) => hub.FindCachedFile(repository, file, revision) is not null;

        string? tokenizer = Has(ModelFiles.Tokenizer) ? ModelFiles.Tokenizer : Has(ModelFiles.Vocabulary) ? ModelFiles.Vocabulary : null;
        if (tokenizer is null || !Has(ModelFiles.Config))
            return null;
        List<string> needed = [ModelFiles.Config, tokenizer];
        if (!weights)
            return needed;
        if (Has(ModelFiles.Weights))
            return [.. needed, ModelFiles.Weights];
        if (hub.FindCachedFile(repository, ModelFiles.WeightsIndex, revision) is not { } index)
            return null;
        var shards = CheckpointWeights.ShardsOf(index);
        return shards.All(Has) ? [.. needed, ModelFiles.WeightsIndex, .. shards] : null;
    }

    private static void FetchWeights(HubClient hub, string repository, string revision, string commit)
    {
        if (TryGet(hub, repository, ModelFiles.Weights, commit) is not null)
            return;
        var index = TryGet(hub, repository, ModelFiles.WeightsIndex, commit) ?? throw new HubException(
            $"{repository} (revision {revision})",
            $"has neither {ModelFiles.Weights} nor {ModelFiles.WeightsIndex}; weights in other formats are not read. Convert them with "
                + "Python (save_pretrained, safe_serialization=True), or take another repository.");
        hub.GetSnapshot(repository, [ModelFiles.Config, .. CheckpointWeights.ShardsOf(index)], revision: commit);
    }

    private static string? TryGet(HubClient hub, string repository, string file, string commit)
    {
        try
        {
            return hub.GetFile(repository, file, commit);
        }
        catch (HubException e) when (e.StatusCode == HttpStatusCode.NotFound || (hub.IsOffline && file == ModelFiles.Weights))
        {
            return null; // offline: the index may be there
        }
    }
}
