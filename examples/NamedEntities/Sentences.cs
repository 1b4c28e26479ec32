using Examples.Common;

namespace NamedEntities;

/// <summary>What is learnt from and what is measured on.</summary>
internal sealed record Sentences(string Name, IReadOnlyList<TaggedSentence> Training, IReadOnlyList<TaggedSentence> Test)
{
    private static readonly string[] Persons = ["Nora", "Ivan Petrov", "Tessa", "Omar Haddad", "Lena", "Paul Weber"];
    private static readonly string[] Verbs = ["lives in", "went to", "wrote from", "left"];
    private static readonly string[] Locations = ["Paris", "New York", "Lisbon", "Rio de Janeiro", "Oslo", "Cape Town"];

    /// <summary>WNUT-17 beside the repository, else sentences made here, every fifth to measure on.</summary>
    public static Sentences Load(bool embedded)
    {
        if (!embedded && SharedFolder.Find("data", "wnut17-train.conll") is { } train && SharedFolder.Find("data", "wnut17-test.conll") is { } test)
            return new Sentences("WNUT-17", [.. TaggedSentence.Read(train)], [.. TaggedSentence.Read(test)]);
        TaggedSentence[] all = [.. from verb in Verbs from person in Persons from location in Locations select Make((person, "person"), (verb, null), (location, "location"), ("yesterday", null))];
        return new Sentences("sentences made here", [.. all.Where((_, i) => i % 5 != 0)], [.. all.Where((_, i) => i % 5 == 0)]);
    }

    private static TaggedSentence Make(params (string Text, string? Type)[] parts) => new()
    {
        Words = [.. parts.SelectMany(p => p.Text.Split(' '))],
        Label = [.. parts.SelectMany(p => p.Text.Split(' ').Select((_, i) => p.Type is null ? "O" : (i == 0 ? "B-" : "I-") + p.Type))],
    };
}
