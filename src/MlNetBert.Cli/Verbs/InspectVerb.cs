using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Inspection;
using MlNetBert.Models.Configuration;
using Spectre.Console;

namespace MlNetBert.Cli.Verbs;

/// <summary>Shows what a model is made of.</summary>
internal sealed class InspectVerb : Verb
{
    private readonly ModelInput _model = new();
    private readonly Opening _opening = new();

    public InspectVerb()
        : base("inspect", "Show a model's architecture, sizes, dtype, tensors and tokenizer, and what is missing or unused.")
    {
        Takes([.. _model.All, .. _opening.Options]);
        _model.RequireOnce(this);
    }

    public override IReadOnlyList<string> Examples { get; } = ["inspect google-bert/bert-base-uncased", "inspect out/ --json"];

    protected override int Run(ParseResult arguments, Session session)
    {
        using var source = _model.Find(arguments, session);
        var model = ModelInspection.Of(source, _opening.Of(arguments), session.CancellationToken);
        var config = model.Configuration;
        foreach (var note in model.Notes)
            session.Say($"Warning: {note}");
        session.Result(
            new
            {
                Model = model.Source,
                source.Kind,
                Architecture = config.ModelType,
                config.Architectures,
                model.Class,
                Layers = config.LayerCount,
                config.HiddenSize,
                Heads = config.HeadCount,
                InnerSize = config.IntermediateSize,
                Decoder = config is SequenceToSequenceConfig decoder
                    ? new
                    {
                        Layers = decoder.DecoderLayerCount,
                        Heads = decoder.DecoderHeadCount,
                        InnerSize = decoder.DecoderIntermediateSize,
                    }
                    : null,
                config.VocabularySize,
                MaxPositions = config.MaxLength,
                config.Activation,
                config.TieWordEmbeddings,
                config.Labels,
                model.Parameters,
                model.WeightBytes,
                Dtype = string.Join(", ", model.Dtypes),
                model.Tensors,
                model.Tokenizer,
                model.TokenizerFault,
                Generator = model.Generator is not { } generator ? null : new
                {
                    generator.Architectures,
                    Layers = generator.LayerCount,
                    generator.HiddenSize,
                    Heads = generator.HeadCount,
                },
                SentenceEmbeddings = model.Sentence,
                model.SentenceFault,
                Missing = model.Weights.MissingKeys,
                Unused = model.Weights.UnexpectedKeys,
                Ignored = model.Weights.IgnoredKeys,
                model.Weights.Contradicting,
                model.Weights.Untied,
            },
            screen => Show(model, screen));
        return ExitCodes.Done;
    }

    private static void Show(ModelInspection model, IAnsiConsole screen)
    {
        var config = model.Configuration;
        screen.Facts(
        [
            ("architecture", $"{config.ModelType} ({model.Class})"),
            ("size", $"{config.LayerCount} layers × {config.HiddenSize}, {config.HeadCount} heads, inner width {config.IntermediateSize}"),
            ("decoder", config is SequenceToSequenceConfig decoder
                ? $"{decoder.DecoderLayerCount} layers, {decoder.DecoderHeadCount} heads, inner width {decoder.DecoderIntermediateSize}"
                : null),
            ("vocabulary", Tables.Count(config.VocabularySize)),
            ("positions", config.MaxLength is { } positions ? Tables.Count(positions) : "no limit"),
            ("parameters",
                $"{Tables.Count(model.Parameters)} as {string.Join(", ", model.Dtypes)}, {Tables.Count(model.WeightBytes)} bytes"),
            ("tokenizer", model.Tokenizer is { } tokenizer
                ? $"{tokenizer.Kind}, {Tables.Count(tokenizer.Size)} pieces, {(tokenizer.LowerCase ? "lower-cased" : "cased")}"
                    + (tokenizer.ModelMaxLength is { } most ? $", at most {most} tokens" : "")
                : "none: " + model.TokenizerFault),
            ("generator", model.Generator is { } generator
                ? $"{string.Join(", ", generator.Architectures)}, {generator.LayerCount} layers × {generator.HiddenSize}, "
                    + $"{generator.HeadCount} heads"
                : null),
            ("sentence vectors",
                model.Sentence is { } sentence
                    ? $"{sentence.Pooling}{(sentence.Normalize ? ", normalized" : "")}, {sentence.Dimension} values, at most "
                        + $"{sentence.MaxLength} tokens"
                        + (sentence.Prompts.Count == 0 ? "" : $", prompts {string.Join(", ", sentence.Prompts.Keys)}")
                    : model.SentenceFault),
            ("missing", Listed(model.Weights.MissingKeys)),
            ("unused", Listed(model.Weights.UnexpectedKeys)),
            ("ignored", Listed(model.Weights.IgnoredKeys)),
            ("contradicting",
                model.Weights.Contradicting.Count == 0
                    ? null
                    : Listed([.. model.Weights.Contradicting.Select(entry => $"{entry.Key} (taken: {entry.Value})")])),
            ("untied", model.Weights.Untied.Count == 0 ? null : Listed(model.Weights.Untied)),
        ]);
        var table = Tables.Plain("tensor", "dtype", "shape");
        foreach (var tensor in model.Tensors)
            table.Row(tensor.Name, tensor.Dtype, $"[{string.Join(", ", tensor.Shape)}]");
        screen.Write(table);
    }

    private static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "nothing" : string.Join(", ", names);
}
