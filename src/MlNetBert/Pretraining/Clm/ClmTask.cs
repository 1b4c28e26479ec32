using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Runs;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Clm;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining.Clm;

/// <summary>Causal language modeling (Radford et al. 2018): the next token over blocks.</summary>
internal class ClmTask : PretrainingTask
{
    public override string Name => "clm";

    public override string Description => "causal language modeling";

    public override ModelHead Head => ModelHead.CausalLanguageModel;

    public override ModelArchitecture DefaultArchitecture => ModelArchitecture.DefaultDecoder;

    public override PretrainingCardTexts Card { get; } = new(
        "A causal language model",
        "causal-language-modeling",
        "token",
        RunCard.Usage("text-generation", "…"),
        "text-generation");

    public override IReadOnlyList<PretrainingArgument> Arguments { get; } =
    [
        PretrainingArgument.Of<ClmOptions, double>("--causal-fraction", "VALUE",
            "Fraction of the blocks that are causal; of the others masked tokens are predicted from both sides (objective hybrid). "
                + "Default: 1.",
            (options, value) => options with { CausalFraction = value }),
    ];

    public override PretrainingOptions CreateOptions() => new ClmOptions();

    public override IEnumerable<KeyValuePair<string, string>> DescribeSettings(PretrainingOptions options) =>
        ((ClmOptions)options).CausalFraction is < 1 and var fraction
            ? [new("causal blocks", fraction.ToString(CultureInfo.InvariantCulture))]
            : [];

    public override void RequireTokenizer(SubwordTokenizer tokenizer)
    {
        if (BlockTemplate.EndOf(tokenizer) is null)
            throw new InvalidOperationException(
                "Causal language modeling needs a token that ends a text, or what the model writes would have no end, but the tokenizer "
                    + "has none. Name one of its vocabulary as eos_token in tokenizer_config.json, or take another tokenizer.");
    }

    public override void RequireTargets(PretrainingData data, string what) => NextTokens.RequireTargets(data.Blocks, what);

    public override IEnumerable<string> DescribeTrouble(PretrainingData data)
    {
        if (data.Options.Config?.EndOfTextTokenIds is { Count: > 0 } ends && BlockTemplate.EndOf(data.Tokenizer) is { } end
            && !ends.Contains(end))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The configuration names {string.Join(", ", ends)} as tokens that end a text (eos_token_id), but documents end with ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"{end} ('{data.Tokenizer.Vocabulary[end]}'): texts that the model writes would not end there. Name it, or none.");
        }
    }

    public override Objective CreateObjective(nn.Module model, PretrainingData data) => new ClmObjective(
        (CausalLanguageModel)model,
        new CorruptedBlocks(data.Blocks, new NextTokens(data.Tokenizer), data.CorruptionStream), data.Precision);

    public override Objective CreateStoredObjective(LanguageModelModule network, string path, ComputePrecision? precision) =>
        new ClmObjective(
            (CausalLanguageModel)network, new StoredBlocks(path, network.Config, ClmObjective.Shift), precision);

    public override ICorruption CreateCorruption(PretrainingData data) => new NextTokens(data.Tokenizer);

    public override ITransformer CreatePipeline(MLContext ml, PretrainedModel model) => new TransformerChain<ITransformer>(
        new TextGenerationTransformer(ml, "Prediction", nameof(TextLine.Text), model.Share(), new GenerationOptions()));
}
