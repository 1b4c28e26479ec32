using System.Text.Json;
using System.Text.Json.Nodes;

namespace MlNetBert.Tests.Common;

/// <summary>What earlier commits saved (tests/Fixtures/SavedModels).</summary>
internal static class SavedModels
{
    private const double Tolerance = 1e-5;

    private static readonly string Root = Path.Combine(FindRoot(), "tests", "Fixtures", "SavedModels");

    /// <summary>The commits.</summary>
    public static IEnumerable<string> Commits => Directory.EnumerateDirectories(Root).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    /// <summary>What a commit saved.</summary>
    public static string At(string commit, params string[] parts) => Path.Combine([Root, commit, .. parts]);

    /// <summary>What the commit computed with that.</summary>
    public static JsonNode Expected(string commit) => JsonNode.Parse(File.ReadAllText(At(commit, "expected.json")))!;

    /// <summary>Fails where a value differs: numbers by more than 1e-5, members in name or order.</summary>
    /// <param name="expected">What was recorded.</param>
    /// <param name="actual">What is computed now.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="mayHaveMore">Whether further members are right.</param>
    public static void AssertEqual(JsonNode? expected, JsonNode? actual, string place, bool mayHaveMore = false)
    {
        switch (expected)
        {
            case JsonArray array:
                var items = Assert.IsType<JsonArray>(actual);
                Assert.True(array.Count == items.Count, $"{place}: expected {array.Count} items, found {items.Count}.");
                for (var i = 0; i < array.Count; i++)
                    AssertEqual(array[i], items[i], $"{place}[{i}]", mayHaveMore);
                break;
            case JsonObject columns:
                Assert.Equal(columns.Select(c => c.Key), actual!.AsObject().Select(c => c.Key).Where(key => !mayHaveMore || columns.ContainsKey(key)));
                foreach (var (name, value) in columns)
                    AssertEqual(value, actual[name], $"{place}.{name}", mayHaveMore);
                break;
            case JsonValue number when number.GetValueKind() == JsonValueKind.Number:
                var found = JsonSerializer.Deserialize<double>(actual);
                Assert.True(Math.Abs(number.GetValue<double>() - found) <= Tolerance, $"{place}: expected {number}, found {found:R}.");
                break;
            default:
                Assert.True(JsonNode.DeepEquals(expected, actual), $"{place}: expected {expected?.ToJsonString() ?? "null"}, found {actual?.ToJsonString() ?? "null"}.");
                break;
        }
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MlNetBert.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("MlNetBert.sln is not above the test assembly.");
    }
}
