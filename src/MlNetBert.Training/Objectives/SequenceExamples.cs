using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MlNetBert.Training.Objectives;

/// <summary>Labeled texts in memory. Filled by one thread; once filled, safe to read from several.</summary>
/// <typeparam name="TLabel">What a text is labeled with: a class, a number, classes of its tokens, a span, ….</typeparam>
/// <param name="paddingId">The id that fills up a text.</param>
[Experimental("MLNETBERT001")]
public sealed class SequenceExamples<TLabel>(int paddingId)
{
    private readonly List<EncodedText> _texts = [];
    private readonly List<TLabel> _labels = [];

    /// <summary>How many.</summary>
    public int Count => _texts.Count;

    /// <summary>The texts.</summary>
    public IReadOnlyList<EncodedText> Texts => _texts;

    /// <summary>Their labels.</summary>
    public IReadOnlyList<TLabel> Labels => _labels;

    /// <summary>Tokens of the longest text; 0 where there is none.</summary>
    public int LongestText => _texts.Select(t => t.Ids.Length).DefaultIfEmpty().Max();

    /// <summary>A digest of all texts and labels in their order.</summary>
    public string Fingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var i = 0; i < _texts.Count; i++)
            {
                hash.AppendData(
                    Encoding.ASCII.GetBytes(
                        FormattableString.Invariant($"\n{_texts[i].Ids.Length} {JsonSerializer.Serialize(_labels[i])} ")));
                hash.AppendData(MemoryMarshal.AsBytes<int>(_texts[i].Ids));
                hash.AppendData(MemoryMarshal.AsBytes<int>(_texts[i].TokenTypeIds));
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Adds a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="label">Its label.</param>
    public void Add(EncodedText text, TLabel label)
    {
        ArgumentNullException.ThrowIfNull(text);
        _texts.Add(text);
        _labels.Add(label);
    }

    /// <summary>Pads some of the texts to the longest of them.</summary>
    /// <param name="numbers">Their numbers.</param>
    /// <returns>The padded texts.</returns>
    public PaddedTexts Pad(IReadOnlyList<int> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        return new PaddedTexts([.. numbers.Select(i => _texts[i])], paddingId);
    }

    /// <summary>Splits them: every so-many-th is held out, spread evenly.</summary>
    /// <param name="share">Share that is held out, above 0 and below 1; each part gets at least one.</param>
    /// <param name="groupOf">What examples that must stay together have in common; they stand one after another. Null: each stands for
    /// itself.</param>
    /// <returns>The two parts.</returns>
    /// <exception cref="InvalidDataException">There are fewer than two.</exception>
    public SequenceSplit<TLabel> Split(double share, Func<TLabel, object>? groupOf = null)
    {
        var groups = Groups(groupOf);
        var count = groups.Count;
        if (count < 2)
            throw new InvalidDataException(
                $"Holding out rows for evaluation needs at least 2 labeled rows, found {count}. Give more rows, or no "
                    + "EvaluationFraction.");
        var heldOut = Math.Clamp((int)Math.Round(count * share, MidpointRounding.AwayFromZero), 1, count - 1);
        var (training, evaluation) = (new SequenceExamples<TLabel>(paddingId), new SequenceExamples<TLabel>(paddingId));
        for (var i = 0; i < count; i++)
        {
            var part = (long)(i + 1) * heldOut / count > (long)i * heldOut / count ? evaluation : training;
            for (var example = groups[i].Start.Value; example < groups[i].End.Value; example++)
                part.Add(_texts[example], _labels[example]);
        }

        return new SequenceSplit<TLabel>(training, evaluation);
    }

    private List<Range> Groups(Func<TLabel, object>? groupOf)
    {
        var groups = new List<Range>();
        for (var i = 0; i < Count; i++)
        {
            if (i > 0 && groupOf is not null && groupOf(_labels[i]).Equals(groupOf(_labels[i - 1])))
                groups[^1] = groups[^1].Start..(i + 1);
            else
                groups.Add(i..(i + 1));
        }

        return groups;
    }
}
