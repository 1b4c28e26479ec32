namespace NamedEntities;

/// <summary>A sentence split in words, and their tags.</summary>
internal sealed class TaggedSentence
{
    /// <summary>The words.</summary>
    public string[] Words { get; set; } = [];

    /// <summary>Their tags: O, B-TYPE or I-TYPE.</summary>
    public string[] Label { get; set; } = [];

    /// <summary>Reads a file in CoNLL's format: a word, a tab and its tag a line, an empty line between sentences.</summary>
    public static IEnumerable<TaggedSentence> Read(string path)
    {
        var (words, tags) = (new List<string>(), new List<string>());
        foreach (var line in File.ReadLines(path).Append(""))
        {
            if (line.Split('\t') is [var word, var tag])
            {
                words.Add(word);
                tags.Add(tag);
            }
            else if (words.Count > 0)
            {
                yield return new TaggedSentence { Words = [.. words], Label = [.. tags] };
                words.Clear();
                tags.Clear();
            }
        }
    }
}
