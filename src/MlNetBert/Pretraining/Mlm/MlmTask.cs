using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Runs;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Objectives.Mlm;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining.Mlm;

/// <summary>Masked language modeling (Devlin et al. 2019).</summary>
internal class MlmTask : PretrainingTask
{
    private static readonly PretrainingArgument MaskingArgument = PretrainingArgument.OfChoices<MlmOptions, MaskingUnit>(
        "--masking", "What is masked as a whole. Default: tokens.",
        [("tokens", MaskingUnit.Tokens), ("words", MaskingUnit.WholeWords), ("spans", MaskingUnit.Spans)],
        (options, value) => options with { Masking = value });

    /// <summary>The options of the command line that say how tokens are masked.</summary>
    protected static readonly IReadOnlyList<PretrainingArgument> MaskingArguments =
    [
        PretrainingArgument.Of<MlmOptions, double>("--mask-probability", "VALUE", "Fraction of the tokens that are masked. Default: 0.15.",
            (options, value) => options with { MaskProbability = value }),
        PretrainingArgument.Of<MlmOptions, double>("--final-mask-probability", "VALUE",
            "What --mask-probability has become at the last step, on a straight line. Default: it stays.",
            (options, value) => options with { FinalMaskProbability = value }),
        MaskingArgument,
        PretrainingArgument.Of<MlmOptions, bool>("--whole-words", "", "The same as --masking words.",
            (options, value) => options with { Masking = value ? MaskingUnit.WholeWords : MaskingUnit.Tokens }) with
        { StandsFor = MaskingArgument.Name },
    ];

    public override string Name => "mlm";

    public override string Description => "masked language modeling";

    public override ModelHead Head => ModelHead.MaskedLanguageModel;

    public override PretrainingCardTexts Card { get; } = new(
        "A masked language model",
        "masked-language-modeling",
        "masked token",
        RunCard.Usage("fill-mask", $"… {PretrainingCardTexts.Mask} …"),
        "fill-mask");

    public override IReadOnlyList<PretrainingArgument> Arguments { get; } =
    [
        .. MaskingArguments,
        PretrainingArgument.OfChoices<MlmOptions, SentencePairTask>(
            "--sentence-pairs", "What is learned of pairs of texts: next sentences or their order. Default: nothing.",
            [("nsp", SentencePairTask.NextSentence), ("sop", SentencePairTask.SentenceOrder)],
            (options, value) => options with { SentencePairs = value }) with
        { Aliases = ["--pairs"] },
    ];

    public override bool HasHead(LanguageModelModule network) => network is MaskedLanguageModel;

    public override bool Serves(PretrainedModel model) => base.Serves(model) && model.Tokenizer.SpecialTokens.MaskTokenId is not null;

    public override void RequireHead(PretrainedModel model, string what) => model.Require<MaskedLanguageModel>(what);

    public override PretrainingOptions CreateOptions() => new MlmOptions();

    public override IEnumerable<KeyValuePair<string, string>> DescribeSettings(PretrainingOptions options)
    {
        var mlm = (MlmOptions)options;
        var final = string.Create(CultureInfo.InvariantCulture, $" to {mlm.FinalMaskProbability}");
        var unit = mlm.Masking switch
        {
            MaskingUnit.WholeWords => " by whole words",
            MaskingUnit.Spans => " by spans",
            _ => "",
        };
        yield return new("masking", string.Create(
            CultureInfo.InvariantCulture,
            $"{mlm.MaskProbability}{(mlm.FinalMaskProbability is null ? "" : final)} of the tokens{unit}, "
                + $"{mlm.MaskReplaceProbability} masked, {mlm.RandomReplaceProbability} random"));
    }

    public override double TargetFraction(PretrainingOptions options)
    {
        var mlm = (MlmOptions)options;
        return Math.Max(mlm.MaskProbability, mlm.FinalMaskProbability ?? 0);
    }

    public override void RequireTokenizer(SubwordTokenizer tokenizer)
    {
        tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, "Masked language modeling");
        tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Masked language modeling");
    }

    public override void RequireTargets(PretrainingData data, string what) => MaskingOf(data).RequireTargets(data.Blocks, what);

    public override Objective CreateObjective(nn.Module model, PretrainingData data) => new MlmObjective(
        (MaskedLanguageModel)model, new CorruptedBlocks(data.Blocks, MaskingOf(data), data.CorruptionStream), data.Precision);

    public override Objective? CreateStoredObjective(LanguageModelModule network, string path, ComputePrecision? precision) =>
        new MlmObjective((MaskedLanguageModel)network, new StoredBlocks(path, network.Config), precision);

    public override ICorruption CreateCorruption(PretrainingData data) => MaskingOf(data);

    public override ITransformer CreatePipeline(MLContext ml, PretrainedModel model) => new TransformerChain<ITransformer>(
        new SubwordTokenizingTransformer(ml, "Tokens", nameof(TextLine.Text), model.Tokenizer),
        new FillMaskTransformer(ml, "Prediction", "Tokens", model.Share(), new FillMaskOptions()));

    /// <summary>How tokens are masked; of held-out blocks as published.</summary>
    protected static TokenMasking MaskingOf(PretrainingData data)
    {
        var options = data.IsHeldOut ? new MlmOptions() : (MlmOptions)data.Options;
        return new TokenMasking(
            data.Tokenizer, data.Seed, options.MaskProbability, options.MaskReplaceProbability, options.RandomReplaceProbability,
            options.Masking, options.FinalMaskProbability);
    }
}
