using MlNetBert.Generation;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Models.Generation;
using MlNetBert.Training.Objectives;

namespace MlNetBert.SequenceToSequence;

/// <summary>The texts that a model writes for some of the held-out sources, and how near they come to the targets.</summary>
internal sealed class WrittenTexts
{
    private const string Rows = "written";

    private readonly SequenceExamples<TargetText> _examples;
    private readonly ContinuationDecoder _decoder;
    private readonly TokenGenerator _generator;
    private readonly StopTexts _stops;
    private readonly int _count;

    /// <summary>Prepares the writing.</summary>
    /// <param name="start">The model that training started from, whose files say what ends a text.</param>
    /// <param name="network">The model, on its device.</param>
    /// <param name="examples">The held-out examples.</param>
    /// <param name="options">How texts are written.</param>
    /// <param name="count">For how many of the examples, spread evenly.</param>
    public WrittenTexts(PretrainedModel start, ModelWithHead network, SequenceExamples<TargetText> examples,
        GenerationOptions options, int count)
    {
        var place = new InferencePlace(options.Inference, network.parameters().First().device, network.Precision);
        (_examples, _decoder, _count) = (examples, ContinuationDecoder.Alone(start.Tokenizer), Math.Min(count, examples.Count));
        _generator = new TokenGenerator((IGenerativeModel)network, start.GenerationFiles, options, place, start.Source);
        _stops = new StopTexts(options.StopTexts);
    }

    /// <summary>Writes what is due for the examples of a batch.</summary>
    public void Add(LanguageModelModule network, IReadOnlyList<long> examples, MetricSums sums)
    {
        long[] chosen = [.. examples.Where(IsChosen)];
        var prompts = chosen.Select(i => _generator.Prepare(_examples.Texts[(int)i].Ids[.._examples.Labels[(int)i].Prompt]));
        var written = _generator.Generate(
            network, [.. prompts], _ => _stops.RuleFor(_decoder), place => chosen[place], CancellationToken.None);
        // Ids are whole numbers that float32 holds: no vocabulary has 2²⁴ tokens.
        foreach (var (example, results) in chosen.Zip(written))
            sums.AddRow(Rows, example, [.. results[0].Ids.Select(id => (float)id)]);
    }

    /// <summary>The figures over all that was written.</summary>
    public TextMetrics Measure(MetricSums sums) => TextMetrics.Compute(sums.Rows(Rows).OrderBy(row => row.Example).Select(row => (
        (string?)_stops.Cut(_decoder, [.. row.Values.ToArray().Select(id => (int)id)]).Trim(),
        (IReadOnlyList<string>)[_examples.Labels[(int)row.Example].Text])));

    private bool IsChosen(long example) => (example + 1) * _count / _examples.Count > example * _count / _examples.Count;
}
