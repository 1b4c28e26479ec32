namespace MlNetBert.NamedEntities;

/// <summary>What a recogniser says of a sentence.</summary>
/// <param name="Tags">The place of each word's tag among the labels, from 0.</param>
/// <param name="Entities">The entities, in order.</param>
internal sealed record TaggedSentence(IReadOnlyList<int> Tags, IReadOnlyList<NamedEntity> Entities);
