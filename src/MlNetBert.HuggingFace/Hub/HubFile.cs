using System.Text.RegularExpressions;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>A file in a repository at a revision, its parts validated.</summary>
internal sealed partial record HubFile
{
    private const int LongestId = 96;

    public HubFile(string repository, string revision, string path, HubRepositoryKind kind)
    {
        if (RepositoryFault(repository) is { } idFault)
            throw new HubException(repository, $"is no id of a repository: {idFault}. Expected such as google-bert/bert-base-uncased.");
        if (RelativePath.FaultOf(revision) is { } revisionFault)
            throw new HubException(repository,
                $"the revision '{revision}' is refused: {revisionFault}. Expected a branch, a tag or a commit.");
        if (RelativePath.FaultOf(path) is { } pathFault)
            throw new HubException(repository,
                $"the path '{path}' is refused: {pathFault}. Expected a path inside the repository, such as config.json.");
        (Repository, Revision, Path, Kind) = (repository, revision, path, kind);
    }

    public string Repository { get; }

    public string Revision { get; }

    public string Path { get; }

    public HubRepositoryKind Kind { get; }

    /// <summary>The repository's directory in the cache.</summary>
    public string Folder =>
        $"{(Kind == HubRepositoryKind.Dataset ? "datasets" : "models")}--{Repository.Replace("/", "--", StringComparison.Ordinal)}";

    public string Page(string endpoint) => $"{endpoint}/{(Kind == HubRepositoryKind.Dataset ? "datasets/" : "")}{Repository}";

    public Uri Address(string endpoint)
    {
        string path = string.Join('/', Path.Split('/').Select(Uri.EscapeDataString));
        return new Uri($"{Page(endpoint)}/resolve/{Uri.EscapeDataString(Revision)}/{path}");
    }

    public HubFile At(string commit, string path) => new(Repository, commit, path, Kind);

    public static bool IsCommit(string revision) => Commit().IsMatch(revision);

    public override string ToString() => $"{Repository}/{Path} (revision {Revision})";

    private static string? RepositoryFault(string repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        string[] parts = repository.Split('/');
        if (repository.Length > LongestId)
            return $"it has {repository.Length} characters, more than {LongestId}";
        if (parts.Length != 2)
            return $"it has {parts.Length - 1} slashes instead of one between the owner and the name";
        if (repository.Contains("--", StringComparison.Ordinal) || repository.Contains("..", StringComparison.Ordinal))
            return "it has '--' or '..'";
        if (repository.EndsWith(".git", StringComparison.OrdinalIgnoreCase))
            return "it ends with .git";
        foreach (string part in parts)
        {
            if (!Name().IsMatch(part))
                return $"'{part}' must be made of letters, digits, '-', '_' and '.', with neither '-' nor '.' at its ends";
        }
        return null;
    }

    [GeneratedRegex(@"\A[0-9a-f]{40}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Commit();

    [GeneratedRegex(
        @"\A[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
