using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Plm;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining.Plm;

/// <summary>Permuted language modeling (Yang et al. 2019): tokens at gaps, from both sides, in any order.</summary>
internal sealed class PlmTask : PretrainingTask
{
    public override string Name => "plm";

    public override string Description => "permuted language modeling";

    public override ModelHead Head => ModelHead.PermutationLanguageModel;

    public override ModelArchitecture DefaultArchitecture => ModelArchitecture.DefaultForPermutations;

    public override PretrainingCardTexts Card { get; } = new(
        "A permuted language model",
        "permuted-language-modeling",
        "predicted token",
        "```python\nfrom transformers import AutoModelForCausalLM\nAutoModelForCausalLM.from_pretrained(\"DIRECTORY\")\n```\n\n"
            + "```csharp\nusing var model = PretrainedModel.FromDirectory(\"DIRECTORY\");\n"
            + $"mlContext.Transforms.Text.FillMask(\"Prediction\", \"Text\", model); // \"… {PretrainingCardTexts.Mask} …\"\n```");

    internal override int? MaskShift => 0;

    public override IReadOnlyList<PretrainingArgument> Arguments { get; } =
    [
        PretrainingArgument.Of<PlmOptions, double>("--target-probability", "VALUE",
            "Fraction of the tokens that are predicted. Default: a sixth.", (options, value) => options with { TargetProbability = value }),
        PretrainingArgument.Of<PlmOptions, int>("--max-span-length", "N",
            "The longest span of tokens that are predicted together. Default: 5.",
            (options, value) => options with { MaxSpanLength = value }),
    ];

    public override PretrainingOptions CreateOptions() => new PlmOptions();

    public override IEnumerable<KeyValuePair<string, string>> DescribeSettings(PretrainingOptions options)
    {
        var plm = (PlmOptions)options;
        yield return new("targets", string.Create(
            CultureInfo.InvariantCulture, $"{plm.TargetProbability:0.####} of the tokens, in spans of at most {plm.MaxSpanLength}"));
    }

    public override double TargetFraction(PretrainingOptions options) => ((PlmOptions)options).TargetProbability;

    public override void RequireTokenizer(SubwordTokenizer tokenizer) => Permutation.RequireTokens(tokenizer);

    public override bool Serves(PretrainedModel model) => base.Serves(model) && model.Tokenizer.SpecialTokens.MaskTokenId is not null;

    public override void RequireTargets(PretrainingData data, string what) => PermutationOf(data).RequireTargets(data.Blocks, what);

    public override Objective CreateObjective(nn.Module model, PretrainingData data) => new PlmObjective(
        (PermutationLanguageModel)model, new CorruptedBlocks(data.Blocks, PermutationOf(data), data.CorruptionStream), data.Precision);

    public override Objective CreateStoredObjective(LanguageModelModule network, string path, ComputePrecision? precision) =>
        new PlmObjective((PermutationLanguageModel)network, new StoredPermutations(path, network.Config), precision);

    public override ICorruption CreateCorruption(PretrainingData data) => PermutationOf(data);

    public override ITransformer CreatePipeline(MLContext ml, PretrainedModel model) => new TransformerChain<ITransformer>(
        new SubwordTokenizingTransformer(ml, "Tokens", nameof(TextLine.Text), model.Tokenizer),
        new FillMaskTransformer(ml, "Prediction", "Tokens", model.Share(), new FillMaskOptions()));

    /// <summary>How targets are chosen; of held-out blocks as published.</summary>
    private static Permutation PermutationOf(PretrainingData data)
    {
        var options = data.IsHeldOut ? new PlmOptions() : (PlmOptions)data.Options;
        return new Permutation(data.Tokenizer, data.Seed, options.TargetProbability, options.MaxSpanLength);
    }
}
