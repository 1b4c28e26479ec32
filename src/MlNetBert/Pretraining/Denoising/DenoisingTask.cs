using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Runs;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Denoising;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining.Denoising;

/// <summary>Denoising: span corruption (T5, Raffel et al. 2020) or text infilling (BART, Lewis et al. 2020).</summary>
internal sealed class DenoisingTask(DenoisingCorruption kind) : PretrainingTask
{
    public override string Name => DefaultArchitecture.ModelType;

    public override string Description => "denoising by " + (Infills ? "text infilling" : "span corruption");

    public override ModelHead Head => ModelHead.SequenceToSequence;

    public override ModelArchitecture DefaultArchitecture => DenoisingOptions.DefaultModel(kind);

    public override PretrainingCardTexts Card => new(
        "A text-to-text model, pretrained by " + (Infills ? "text infilling" : "span corruption"),
        Infills ? "text-infilling" : "span-corruption",
        "target token",
        RunCard.UsageOfTextToText(Infills ? $"… {PretrainingCardTexts.Mask} …" : $"… {Sentinels.NameOf(0)} …"));

    public override IReadOnlyList<PretrainingArgument> Arguments =>
    [
        PretrainingArgument.Of<DenoisingOptions, double>("--noise-density", "VALUE",
            "Fraction of the tokens that are taken out (t5: 0.15 by default) or hidden (bart: 0.3).",
            (options, value) => options with { NoiseDensity = value }),
        PretrainingArgument.Of<DenoisingOptions, double>("--mean-span-length", "TOKENS",
            "Tokens of a span on average. Default: 3.", (options, value) => options with { MeanSpanLength = value }),
    ];

    private bool Infills => kind == DenoisingCorruption.TextInfilling;

    public override PretrainingOptions CreateOptions() => new DenoisingOptions { Corruption = kind };

    public override SubwordTokenizer TokenizerFor(SubwordTokenizer tokenizer, int? vocabularySize) =>
        Infills ? tokenizer : Sentinels.AddTo(tokenizer, vocabularySize);

    public override bool Serves(PretrainedModel model) => base.Serves(model) && IsServed(TokenizerOf(model));

    public override void RequireHead(PretrainedModel model, string what)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (base.Serves(model.RequireWhole(what)))
            RequireTokenizer(TokenizerOf(model));
        else
            base.RequireHead(model, what);
    }

    public override IEnumerable<KeyValuePair<string, string>> DescribeSettings(PretrainingOptions options)
    {
        var denoising = (DenoisingOptions)options;
        yield return new("noise", string.Create(
            CultureInfo.InvariantCulture, $"{denoising.Density} of the tokens in spans of {denoising.MeanSpanLength} on average"));
    }

    public override double TargetFraction(PretrainingOptions options)
    {
        var denoising = (DenoisingOptions)options;
        return Infills ? 1 : Math.Min(1, denoising.Density * (1 + (1 / denoising.MeanSpanLength)));
    }

    public override void RequireTokenizer(SubwordTokenizer tokenizer)
    {
        DenoisingChecks.RequireTokenizer(tokenizer);
        if (Infills)
            DenoisingChecks.RequireMask(tokenizer);
        else
            Sentinels.Require(tokenizer);
    }

    public override void RequireTargets(PretrainingData data, string what)
    {
        if (!Infills)
            SpansOf(data).RequireSentinels(data.Blocks.BlockLength);
        var (template, least) = (BlockTemplate.Of(data.Tokenizer), Infills ? 1 : 2);
        var ids = new int[data.Blocks.BlockLength];
        for (var i = 0L; i < data.Blocks.Count; i++)
        {
            var block = ids.AsSpan(0, data.Blocks.Read(i, ids));
            var (start, end) = template.EdgesOf(block);
            if (block.Length - start - end >= least)
                return;
        }

        throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"{what} have nothing to restore: expected a block of at least {least} tokens beside the special ones around it, found none "
                + $"among {data.Blocks.Count}. Take longer blocks, or join the documents."));
    }

    internal override void RequirePositions(PretrainingData data, ModelConfig config)
    {
        if (Infills || config.MaxLength is not { } positions)
            return;
        var (spans, blockLength) = (SpansOf(data), data.Blocks.BlockLength);
        new OptionsValidator().Require(spans.LongestRow(blockLength) <= positions, nameof(blockLength), blockLength,
            string.Create(CultureInfo.InvariantCulture,
                $"must leave room for the sentinels: corrupted blocks of so many tokens, or what is written for them, have up to ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"{spans.LongestRow(blockLength)}, and the model has {positions} positions. Take shorter blocks, longer spans or more ")
                + "positions").ThrowIfAny(data.Options.GetType().Name);
    }

    public override IEnumerable<string> DescribeTrouble(PretrainingData data)
    {
        if (Infills)
            yield break;
        var sentinels = Sentinels.Of(data.Tokenizer);
        var ids = new int[data.Blocks.BlockLength];
        var found = 0L;
        for (var i = 0L; i < data.Blocks.Count; i++)
        {
            foreach (var id in ids.AsSpan(0, data.Blocks.Read(i, ids)))
                found += sentinels.NumberOf(id) is null ? 0 : 1;
        }

        if (found > 0)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The texts have {found} sentinels ({Sentinels.NameOf(0)}, …) written in them, which cannot be told from those that stand "
                    + $"for spans. Take them out of the texts.");
    }

    public override Objective CreateObjective(nn.Module model, PretrainingData data)
    {
        var network = (SequenceToSequenceModel)model;
        return new DenoisingObjective(
            network,
            new DenoisingBlocks(data.Blocks, CreateCorruption(data), network.DecoderStart!.Value, data.CorruptionStream),
            data.Precision);
    }

    public override Objective CreateStoredObjective(LanguageModelModule network, string path, ComputePrecision? precision)
    {
        var model = (SequenceToSequenceModel)network;
        return new DenoisingObjective(model, new StoredDenoising(path, model.Config, model.DecoderStart!.Value), precision);
    }

    public override ICorruption CreateCorruption(PretrainingData data)
    {
        if (Infills)
            return InfillingOf(data);
        var spans = SpansOf(data);
        spans.RequireSentinels(data.Blocks.BlockLength);
        return spans;
    }

    public override ITransformer CreatePipeline(MLContext ml, PretrainedModel model) => new TransformerChain<ITransformer>(
        new TextReconstructionTransformer(ml, "Prediction", nameof(TextLine.Text), model.Share(), kind, new DenoisingOptions().Prediction));

    private TextInfilling InfillingOf(PretrainingData data)
    {
        var options = OptionsFor(data);
        return new TextInfilling(data.Tokenizer, data.Seed, data.Blocks.BlockLength, options.Density, options.MeanSpanLength);
    }

    private SpanCorruption SpansOf(PretrainingData data)
    {
        var options = OptionsFor(data);
        return new SpanCorruption(data.Tokenizer, data.Seed, options.Density, options.MeanSpanLength);
    }

    /// <summary>How blocks are corrupted; held-out ones as published.</summary>
    private DenoisingOptions OptionsFor(PretrainingData data) =>
        data.IsHeldOut ? new DenoisingOptions { Corruption = kind } : (DenoisingOptions)data.Options;

    private SubwordTokenizer TokenizerOf(PretrainedModel model) => TokenizerFor(model.Tokenizer, model.Config.VocabularySize);

    private bool IsServed(SubwordTokenizer tokenizer) =>
        tokenizer.SpecialTokens.PaddingTokenId is not null && BlockTemplate.EndOf(tokenizer) is not null
            && (Infills ? tokenizer.SpecialTokens.MaskTokenId is not null : Sentinels.Of(tokenizer).Ids.Count > 0);
}
