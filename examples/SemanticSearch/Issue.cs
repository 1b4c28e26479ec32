using Microsoft.ML.Data;

namespace SemanticSearch;

/// <summary>An issue of a repository.</summary>
internal sealed class Issue
{
    /// <summary>What it is about.</summary>
    [LoadColumn(1)]
    public string Area { get; set; } = "";

    /// <summary>Its title.</summary>
    [LoadColumn(2)]
    public string Title { get; set; } = "";
}
