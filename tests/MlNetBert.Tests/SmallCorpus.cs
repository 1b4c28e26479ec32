using Microsoft.ML;

namespace MlNetBert.Tests;

/// <summary>A few hundred generated sentences that a tiny model learns within seconds.</summary>
internal static class SmallCorpus
{
    private static readonly string[] Animals = ["cat", "dog", "fox", "bird", "horse", "mouse"];
    private static readonly string[] Verbs = ["sits", "sleeps", "runs", "eats"];
    private static readonly string[] Places = ["mat", "roof", "field", "house", "river"];

    public static IReadOnlyList<string> Sentences { get; } =
    [
        .. from animal in Animals from verb in Verbs from place in Places select $"The {animal} {verb} near the {place}.",
    ];

    public static IDataView Load(MLContext ml, int copies = 1) =>
        ml.Data.LoadFromEnumerable(Enumerable.Repeat(Sentences, copies).SelectMany(s => s).Select(s => new Row { Text = s }));

    public sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
