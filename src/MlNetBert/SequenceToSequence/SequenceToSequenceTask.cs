using System.Globalization;
using Microsoft.ML;
using MlNetBert.FineTuning;
using MlNetBert.Mapping;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;

namespace MlNetBert.SequenceToSequence;

/// <summary>Fine-tuning from texts to texts: a head over the vocabulary, cross entropy of the targets.</summary>
internal sealed class SequenceToSequenceTask(
    FineTuner tuner, SentenceColumns source, string target, TextPairEncoder encoder, SequenceToSequenceOptions options)
    : FineTuningTask<ModelWithHead, TargetText>
{
    /// <summary>The parameter that names the target.</summary>
    public const string TargetRole = "targetColumnName";

    private readonly bool _continues = TextPairFormat.Continues(tuner.Start);

    public override string Name => "text to text";

    public override string PipelineTag => _continues ? "text-generation" : "text2text-generation";

    public override ModelHead Head => TextPairFormat.HeadOf(tuner.Start);

    public override IReadOnlyList<string> Columns => [.. source.Names, target];

    public override IEnumerable<KeyValuePair<string, string>> Settings =>
    [
        new("text pairs", encoder.Format.ToString()),
        new("label smoothing", options.LabelSmoothing.ToString(CultureInfo.InvariantCulture)),
    ];

    private GenerationOptions Generation => options.GenerationFor(encoder.Format);

    /// <summary>The column of the source.</summary>
    public static SentenceColumns SourceOf(string name) => new(name, null) { FirstRole = "sourceColumnName" };

    public override ModelConfig Configure(ModelConfig config, bool hasHead) => config;

    public override RowWords Words => RowWords.Targets;

    public override string Describe(ModelConfig config) => Name;

    public override int PaddingIdOf(SequenceEncoder texts) => encoder.PaddingId;

    public override double TargetShareOf(SequenceExamples<TargetText> training) =>
        (double)training.Labels.Sum(label => (long)label.Ids.Length) / training.Texts.Sum(text => (long)text.Ids.Length);

    public override bool Accepts(DataViewSchema schema) => Columns.All(name => schema.GetColumnOrNull(name) is not null);

    public override void CheckEvaluation(DataViewSchema schema)
    {
        source.Find(schema);
        Mapping.Columns.FindText(schema, target, TargetRole);
    }

    public override Action<SequenceExamples<TargetText>, RowCounts> CreateReader(DataViewRow row)
    {
        var handling = tuner.Tokenizer.InvalidText;
        var readSource = source.Reader(row, handling);
        var readTarget = TextColumn.StringReader(row, row.Schema[target], handling);
        return (examples, counts) => Add(examples, counts, readSource().First, readTarget());
    }

    public override void Check(SequenceExamples<TargetText> training, RowCounts counts) =>
        SequenceChecks.RequireTexts(training.Count, counts, target, source);

    public override IEnumerable<string> Warnings(SequenceExamples<TargetText> training, SequenceExamples<TargetText>? evaluation)
    {
        var most = Generation.MaxNewTokens;
        if (training.Labels.Count(label => label.Ids.Length > most) is > 0 and var longer)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{longer} of {training.Count} targets have more than {most} tokens, which are trained on but never written whole "
                    + $"({nameof(GenerationOptions)}.{nameof(GenerationOptions.MaxNewTokens)}).");
        }
    }

    public override Objective CreateObjective(ModelWithHead network, SequenceExamples<TargetText> training) =>
        Create(network, training, written: null);

    public override Objective CreateHeldOut(ModelWithHead network, SequenceExamples<TargetText> evaluation) => Create(
        network, evaluation, options.EvaluationTexts == 0 ? null : new WrittenTexts(
            tuner.Start, network, evaluation, Generation, options.EvaluationTexts));

    private TextToTextObjective Create(ModelWithHead network, SequenceExamples<TargetText> examples, WrittenTexts? written) => _continues
        ? new CausalAnswerObjective((CausalLanguageModel)network, examples, options.LabelSmoothing, written)
        : new DecodedAnswerObjective((SequenceToSequenceModel)network, examples, options.LabelSmoothing, written);

    private void Add(SequenceExamples<TargetText> examples, RowCounts counts, string text, string answer)
    {
        if (string.IsNullOrWhiteSpace(answer))
        {
            counts.Unlabeled++;
            return;
        }

        var prompt = encoder.EncodeSource(text, out var isSourceCut);
        var written = encoder.EncodeTarget(answer, out var isTargetCut);
        if (written.All(tuner.Tokenizer.IsSpecial))
        {
            counts.Note("have a target of which the tokenizer reads nothing and are left out");
            return;
        }

        counts.Empty += string.IsNullOrWhiteSpace(text) ? 1 : 0;
        counts.Cut += isSourceCut ? 1 : 0;
        if (isTargetCut)
            counts.Note(FormattableString.Invariant(
                $"have a target of more than {encoder.Format.MaxTargetLength} tokens, which is cut there (MaxTargetLength)"));
        else if (encoder.Decode(written) is var back && back != answer)
            counts.Note(
                "have a target that the tokenizer does not give back to the character (case, accents, blanks, unknown characters): what "
                    + "is written for them is never an exact match",
                () => $"'{answer}' becomes '{back}'");
        examples.Add(
            new EncodedText(_continues ? [.. prompt, .. written] : prompt), new TargetText(prompt.Length, written, answer));
    }
}
