using System.Globalization;
using Microsoft.ML;
using MlNetBert;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Training.Objectives;
using Stranger.BagOfEmbeddings;
using static TorchSharp.torch;

namespace Stranger.TokenReversal;

/// <summary>Token reversal, as runs and the command line know it.</summary>
internal sealed class TokenReversalTask : PretrainingTask
{
    private TokenReversalTask(string name) => Name = name;

    public static TokenReversalTask Instance { get; } = new("token-reversal");

    public override string Name { get; }

    public override string Description => "token reversal";

    public override ModelHead Head => ModelHead.MaskedLanguageModel;

    public override ModelArchitecture DefaultArchitecture => ModelArchitecture.Get(BagArchitecture.Name);

    public override PretrainingCardTexts Card { get; } = new("A model that reads backwards", "token-reversal", "token", "Embed texts with it.");

    public override IReadOnlyList<PretrainingArgument> Arguments { get; } =
    [
        PretrainingArgument.Of<TokenReversalOptions, double>(
            "--skipped-fraction", "VALUE", "Fraction of the tokens that are not predicted. Default: 0.1.", (options, value) => options with { SkippedFraction = value }),
    ];

    /// <summary>The same under another name.</summary>
    public static TokenReversalTask Named(string name) => new(name);

    public override PretrainingOptions CreateOptions() => new TokenReversalOptions();

    public override IEnumerable<KeyValuePair<string, string>> DescribeSettings(PretrainingOptions options) =>
        [new("skipped", ((TokenReversalOptions)options).SkippedFraction.ToString(CultureInfo.InvariantCulture))];

    public override double TargetFraction(PretrainingOptions options) => 1 - ((TokenReversalOptions)options).SkippedFraction;

    public override Objective CreateObjective(nn.Module model, PretrainingData data) => new TokenReversalObjective((MaskedLanguageModel)model, data);

    public override ITransformer CreatePipeline(MLContext ml, PretrainedModel model) =>
        ml.Transforms.Text.EmbedText("Vector", nameof(TextLine.Text), model).Fit(ml.Data.LoadFromEnumerable([new TextLine()]));
}
