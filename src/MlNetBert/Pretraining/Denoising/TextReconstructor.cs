using MlNetBert.Generation;
using MlNetBert.Inference;
using MlNetBert.Training.Objectives.Denoising;

namespace MlNetBert.Pretraining.Denoising;

/// <summary>
/// Restores texts with gaps. A model of span corruption reads a sentinel in each gap and writes what belongs into them; a text without gaps
/// stays as it is. A model of text infilling reads a mask token in each gap and writes the whole text. Thread-safe; holds no weights.
/// </summary>
internal sealed class TextReconstructor
{
    private readonly SubwordTokenizer _tokenizer;
    private readonly TextGenerator _generator;
    private readonly Sentinels? _sentinels;
    private readonly int _mask;
    private readonly double? _lengthPenalty;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; the caller keeps it alive.</param>
    /// <param name="kind">What it was trained on.</param>
    /// <param name="options">How texts are written.</param>
    /// <param name="place">Where to compute.</param>
    public TextReconstructor(PretrainedModel model, DenoisingCorruption kind, GenerationOptions options, InferencePlace place)
    {
        (_tokenizer, _lengthPenalty) = (TokenizerOf(model, kind), options.LengthPenalty);
        _generator = new TextGenerator(model, options with { BatchSize = place.BatchSize }, place);
        if (kind == DenoisingCorruption.SpanCorruption)
            _sentinels = Sentinels.Require(_tokenizer);
        else
            _mask = DenoisingChecks.RequireMask(_tokenizer);
    }

    /// <summary>What there is to say of the model and the options.</summary>
    public IReadOnlyList<string> Notes => _generator.Notes;

    /// <summary>A model's tokenizer, with names for the sentinels that it has ids for.</summary>
    public static SubwordTokenizer TokenizerOf(PretrainedModel model, DenoisingCorruption kind) =>
        kind == DenoisingCorruption.SpanCorruption ? Sentinels.AddTo(model.Tokenizer, model.Config.VocabularySize) : model.Tokenizer;

    /// <summary>Restores texts, each as if it were alone.</summary>
    /// <param name="rows">The ids of each, as <see cref="GapFinder"/> gives them.</param>
    public IReadOnlyList<ReconstructedText> Restore(IReadOnlyList<int[]> rows)
    {
        int[] written = [.. Enumerable.Range(0, rows.Count).Where(row => NeedsWriting(rows[row]))];
        var results = _generator.GenerateRows([.. written.Select(row => (Prompt(rows[row]), (string?)null))]);
        var texts = rows.Select(row => new ReconstructedText(Decode(row), double.NaN, false, false, false)).ToArray();
        foreach (var (place, row) in written.Index())
        {
            if (results[place] is { } result)
                texts[row] = Restored(rows[row], result);
        }

        return texts;
    }

    private bool NeedsWriting(int[] row) => _sentinels is null ? row.Length > 0 : row.Contains(GapFinder.Gap);

    private ReconstructedText Restored(int[] row, GeneratedText result) => new(
        _sentinels is null ? result.Generated! : Decode(Filled(row, SpansOf(result.GeneratedIds))),
        result.MeanOf(_lengthPenalty),
        result.PromptTokensCut > 0,
        _sentinels is not null && row.Count(id => id == GapFinder.Gap) > _sentinels.Ids.Count,
        result.IsUnfinished);

    /// <summary>What the model reads; gaps beyond the sentinels are left out.</summary>
    private int[] Prompt(int[] row)
    {
        var gaps = 0;
        return
        [
            .. row.Select(id => id != GapFinder.Gap ? id
                : _sentinels is null ? _mask
                : gaps < _sentinels.Ids.Count ? _sentinels.Ids[gaps++]
                : GapFinder.Gap).Where(id => id != GapFinder.Gap),
        ];
    }

    /// <summary>What was written behind each sentinel, by its number: the first time where one comes twice.</summary>
    private Dictionary<int, List<int>> SpansOf(IReadOnlyList<int> generated)
    {
        var spans = new Dictionary<int, List<int>>();
        List<int>? span = null;
        foreach (var id in generated)
        {
            if (_sentinels!.NumberOf(id) is not { } number)
                span?.Add(id);
            else
                span = spans.TryAdd(number, []) ? spans[number] : null;
        }

        return spans;
    }

    private static IEnumerable<int> Filled(int[] row, Dictionary<int, List<int>> spans)
    {
        var gaps = 0;
        foreach (var id in row)
        {
            if (id != GapFinder.Gap)
                yield return id;
            else if (spans.TryGetValue(gaps++, out var span))
            {
                foreach (var restored in span)
                    yield return restored;
            }
        }
    }

    private string Decode(IEnumerable<int> ids) => ContinuationDecoder.Decode(_tokenizer, ids.Where(id => id != GapFinder.Gap));
}
