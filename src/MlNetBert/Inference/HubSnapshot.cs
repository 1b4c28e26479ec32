using System.Net;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Hub;

namespace MlNetBert.Inference;

/// <summary>Brings the files of a model from the hub into the cache.</summary>
internal static class HubSnapshot
{
    /// <summary>
    /// Fetches what is not in the cache yet. Where the cache holds all that opening needs, nothing else decides: neither a hub that does
    /// not answer nor a cache that cannot be written.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="options">How to reach the hub.</param>
    /// <param name="weights">Whether the weights are wanted too.</param>
    /// <param name="cancellationToken">Stops the downloads; what came stays.</param>
    /// <returns>The snapshot's directory.</returns>
    public static async Task<string> FetchAsync(
        string repository, string revision, HubOptions? options, bool weights, CancellationToken cancellationToken)
    {
        using var hub = new HubClient(options);
        if (Cached(hub, repository, revision, weights) is { } needed)
        {
            try
            {
                string[] others = [.. ModelFiles.Others.Except(needed, StringComparer.Ordinal)];
                var known = await hub.GetSnapshotAsync(repository, needed, others, revision, cancellationToken: cancellationToken)
                    .ConfigureAwait(false);
                return await FetchModulesAsync(hub, repository, known, cancellationToken).ConfigureAwait(false);
            }
            catch (HubException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // The branch went on to a commit that keeps its weights or its vocabulary in other files.
            }
        }

        var snapshot = await hub.GetSnapshotAsync(
            repository, [ModelFiles.Config], revision: revision, cancellationToken: cancellationToken).ConfigureAwait(false);
        var commit = Path.GetFileName(snapshot);
        if (weights)
            await FetchWeightsAsync(hub, repository, revision, commit, options?.Listener, cancellationToken).ConfigureAwait(false);
        snapshot = await hub.GetSnapshotAsync(
            repository, [ModelFiles.Config], ModelFiles.Others, commit, cancellationToken: cancellationToken).ConfigureAwait(false);
        return await FetchModulesAsync(hub, repository, snapshot, cancellationToken).ConfigureAwait(false);
    }

    // Those of a sentence-transformers model that have folders of their own, and the older names of its settings.
    private static async Task<string> FetchModulesAsync(
        HubClient hub, string repository, string snapshot, CancellationToken cancellationToken)
    {
        bool Has(string file) => File.Exists(Path.Combine(snapshot, file));
        string[] files =
        [
            .. SentenceModules.FilesOf(snapshot).Except(ModelFiles.Others, StringComparer.Ordinal),
            .. Has(ModelFiles.SentenceModules) && !Has(ModelFiles.SentenceConfig) ? ModelFiles.OlderSentenceConfigs : [],
        ];
        return files.Length == 0 ? snapshot : await hub.GetSnapshotAsync(
            repository, [ModelFiles.Config], files, Path.GetFileName(snapshot), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary><see cref="FetchAsync"/>, waiting for the end.</summary>
    public static string Fetch(
        string repository, string revision, HubOptions? options, bool weights, CancellationToken cancellationToken) =>
        Task.Run(() => FetchAsync(repository, revision, options, weights, cancellationToken), CancellationToken.None)
            .GetAwaiter().GetResult();

    /// <summary>The files that opening needs, where the cache holds all of them; else null.</summary>
    private static List<string>? Cached(HubClient hub, string repository, string revision, bool weights)
    {
        bool Has(string file) => hub.FindCachedFile(repository, file, revision) is not null;

        var tokenizer = ModelFiles.Vocabularies.FirstOrDefault(Has);
        if (tokenizer is null || !Has(ModelFiles.Config))
            return null;
        List<string> needed = [ModelFiles.Config, tokenizer];
        if (tokenizer == ModelFiles.PieceIds)
            needed.Add(ModelFiles.Merges);
        if (!weights)
            return needed;
        var files = WeightFiles.Find(name => hub.FindCachedFile(repository, name, revision));
        return files is not null && files.Shards.All(Has) ? [.. needed, .. files.All] : null;
    }

    private static async Task FetchWeightsAsync(
        HubClient hub, string repository, string revision, string commit, IProgress<string>? listener, CancellationToken cancellationToken)
    {
        var (name, path) = await FirstWeightsAsync(hub, repository, revision, commit, cancellationToken).ConfigureAwait(false);
        if (WeightFiles.IsPickled(name))
        {
            listener?.Report($"{repository} has no {ModelFiles.Weights}: {name} was fetched, a pickle, of which nothing is run. "
                + $"What is saved from it is {ModelFiles.Weights}.");
        }

        if (!WeightFiles.IsIndex(name))
            return;
        string[] files = [ModelFiles.Config, .. CheckpointWeights.ShardsOf(path)];
        await hub.GetSnapshotAsync(repository, files, revision: commit, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private static async Task<(string Name, string Path)> FirstWeightsAsync(
        HubClient hub, string repository, string revision, string commit, CancellationToken cancellationToken)
    {
        HubException? first = null;
        foreach (var name in WeightFiles.Names)
        {
            try
            {
                return (name, await hub.GetFileAsync(repository, name, commit, cancellationToken: cancellationToken).ConfigureAwait(false));
            }
            catch (HubException e) when (e.StatusCode == HttpStatusCode.NotFound || hub.IsOffline)
            {
                first ??= e; // the next may be there
            }
        }

        throw hub.IsOffline ? first! : new HubException(
            $"{repository} (revision {revision})",
            $"has none of {string.Join(", ", WeightFiles.Names)}; weights in other formats are not read. Convert them with Python "
                + "(save_pretrained), or take another repository.");
    }
}
