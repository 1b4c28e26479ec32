using System.Globalization;

namespace MlNetBert.Training.Objectives.Denoising;

/// <summary>
/// The tokens that stand for spans of a text (T5, Raffel et al. 2020): <c>&lt;extra_id_0&gt;</c> for the first, and so on. They are
/// found by their names, whatever the order of their ids.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class Sentinels
{
    /// <summary>How many a vocabulary gets that has none, where nothing else limits them: T5's number.</summary>
    public const int UsualCount = 100;

    private readonly Dictionary<int, int> _numbers;

    private Sentinels(IReadOnlyList<int> ids)
    {
        Ids = ids;
        _numbers = ids.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
    }

    /// <summary>The ids, that of <c>&lt;extra_id_0&gt;</c> first.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>The name of a sentinel.</summary>
    /// <param name="number">Its number, from 0.</param>
    /// <returns>The name, such as <c>&lt;extra_id_0&gt;</c>.</returns>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"<extra_id_{number}>");

    /// <summary>Finds a vocabulary's sentinels: the tokens of these names, from 0 on without a gap.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <returns>The sentinels; there may be none.</returns>
    public static Sentinels Of(SubwordTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var ids = new List<int>();
        while (tokenizer.TryGetId(NameOf(ids.Count), out var id))
            ids.Add(id);
        return new Sentinels(ids);
    }

    /// <summary>The sentinels of a vocabulary that must have some.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <returns>The sentinels, one at least.</returns>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static Sentinels Require(SubwordTokenizer tokenizer) => Of(tokenizer) is { Ids.Count: > 0 } sentinels
        ? sentinels
        : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
            $"Span corruption needs sentinels ({NameOf(0)}, …), but the tokenizer has none, and the model has no ids above its ")
            + string.Create(CultureInfo.InvariantCulture,
                $"{tokenizer.Vocabulary.Count} pieces for them. Take a configuration with a larger vocab_size, or a tokenizer that has ")
            + "them.");

    /// <summary>
    /// The tokenizer with sentinels: itself where it has some, else with added tokens above its pieces, <c>&lt;extra_id_0&gt;</c> last.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabularySize">How many ids the model has, all of which get a name; null for <see cref="UsualCount"/>
    /// sentinels.</param>
    /// <returns>The tokenizer; that of a model without room for a sentinel has none.</returns>
    public static SubwordTokenizer AddTo(SubwordTokenizer tokenizer, int? vocabularySize = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var count = (vocabularySize - tokenizer.Vocabulary.Count) ?? UsualCount;
        return count <= 0 || tokenizer.TryGetId(NameOf(0), out _)
            ? tokenizer
            : tokenizer.WithAddedTokens(Enumerable.Range(0, count).Reverse().Select(NameOf));
    }

    /// <summary>The number of a token; null where it is no sentinel.</summary>
    /// <param name="id">The token.</param>
    /// <returns>Its number, from 0.</returns>
    public int? NumberOf(int id) => _numbers.TryGetValue(id, out var number) ? number : null;
}
