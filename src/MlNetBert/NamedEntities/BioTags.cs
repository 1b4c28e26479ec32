namespace MlNetBert.NamedEntities;

/// <summary>
/// Tags of words: B-TYPE begins an entity, I-TYPE goes on with one, O is outside (Ramshaw and Marcus 1995, IOB2). Read leniently, as
/// seqeval does by default: an I-TYPE that follows O or another type begins an entity.
/// </summary>
internal static class BioTags
{
    /// <summary>The tag of a word that is in no entity.</summary>
    public const string Outside = "O";

    private const string Expected = "O, B-TYPE or I-TYPE";

    /// <summary>The entities of a sentence.</summary>
    /// <param name="tags">The words' tags.</param>
    /// <returns>The entities, in order.</returns>
    /// <exception cref="ArgumentException">A tag is none.</exception>
    public static IReadOnlyList<EntitySpan> Decode(IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var entities = new List<EntitySpan>();
        string? open = null;
        var start = 0;
        for (var i = 0; i < tags.Count; i++)
        {
            var (begins, type) = Parse(tags[i]);
            if (!begins && type is not null && type == open)
                continue;
            if (open is not null)
                entities.Add(new EntitySpan(open, start, i));
            (open, start) = (type, i);
        }

        if (open is not null)
            entities.Add(new EntitySpan(open, start, tags.Count));
        return entities;
    }

    /// <summary>The tags of a sentence.</summary>
    /// <param name="entities">Its entities, none over another, in any order.</param>
    /// <param name="words">How many words it has.</param>
    /// <returns>A tag a word, every entity beginning with B-.</returns>
    /// <exception cref="ArgumentException">An entity is empty, leaves the sentence or lies over another.</exception>
    public static string[] Encode(IEnumerable<EntitySpan> entities, int words)
    {
        ArgumentNullException.ThrowIfNull(entities);
        ArgumentOutOfRangeException.ThrowIfNegative(words);
        var tags = new string[words];
        Array.Fill(tags, Outside);
        foreach (var entity in entities)
        {
            if (entity.Start < 0 || entity.End <= entity.Start || entity.End > words)
                throw new ArgumentException($"Expected entities of at least one of the {words} words, found {entity}.", nameof(entities));
            for (var i = entity.Start; i < entity.End; i++)
            {
                if (tags[i] != Outside)
                    throw new ArgumentException($"Expected entities apart from each other, found {entity} over another at word {i}.",
                        nameof(entities));
                tags[i] = (i == entity.Start ? "B" : "I") + (entity.Label.Length == 0 ? "" : "-" + entity.Label);
            }
        }

        return tags;
    }

    /// <summary>The type of entity that a tag is of; null for <see cref="Outside"/>.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>The type; empty for a bare B or I.</returns>
    /// <exception cref="ArgumentException">The tag is none.</exception>
    public static string? TypeOf(string tag) => Parse(tag).Type;

    /// <summary>Whether a tag goes on with the entity of the tag before it.</summary>
    internal static bool GoesOn(string before, string tag)
    {
        var (begins, type) = Parse(tag);
        return !begins && type is not null && type == Parse(before).Type;
    }

    private static (bool Begins, string? Type) Parse(string tag)
    {
        if (tag == Outside)
            return (false, null);
        if (tag is not ['B' or 'I', ..] || (tag.Length > 1 && tag[1] != '-') || tag.Length == 2)
            throw new ArgumentException($"A tag must be {Expected}, but '{tag}' is none.", nameof(tag));
        return (tag[0] == 'B', tag.Length == 1 ? "" : tag[2..]);
    }
}
