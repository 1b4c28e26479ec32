using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Models.Layers;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Objectives.Rtd;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining.Rtd;

/// <summary>
/// Replaced-token detection (Clark et al. 2020): a generator and a discriminator that share embeddings are trained in one step; the
/// discriminator is kept, with the generator in a folder below it.
/// </summary>
internal sealed class RtdTask : PretrainingTask
{
    private const string What = "Replaced-token detection";

    public override string Name => "rtd";

    public override string Description => "replaced-token detection";

    public override ModelHead Head => ModelHead.ReplacedTokenDetector;

    public override PretrainingCardTexts Card { get; } = new(
        "A replaced-token detector",
        "replaced-token-detection",
        "token",
        "As an encoder:\n\n```python\nfrom transformers import AutoModel, AutoTokenizer\n"
            + "encoder = AutoModel.from_pretrained(\"DIRECTORY\")\n```\n\n"
            + "```csharp\nusing var model = PretrainedModel.FromDirectory(\"DIRECTORY\");\n```\n\n"
            + "The folder `generator` holds the masked language model that it was trained with.");

    public override IReadOnlyList<PretrainingArgument> Arguments { get; } =
    [
        PretrainingArgument.Of<RtdOptions, double>("--mask-probability", "VALUE", "Fraction of the tokens that are masked. Default: 0.15.",
            (options, value) => options with { MaskProbability = value }),
        PretrainingArgument.Of<RtdOptions, double>("--discriminator-weight", "VALUE",
            "Weight of the discriminator's loss beside the generator's. Default: 50.",
            (options, value) => options with { DiscriminatorWeight = value }),
    ];

    public override PretrainingOptions CreateOptions() => new RtdOptions();

    public override IEnumerable<KeyValuePair<string, string>> DescribeSettings(PretrainingOptions options)
    {
        var rtd = (RtdOptions)options;
        return
        [
            new("masking", string.Create(CultureInfo.InvariantCulture, $"{rtd.MaskProbability} of the tokens")),
            new("discriminator weight", rtd.DiscriminatorWeight.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    public override double TargetFraction(PretrainingOptions options) => ((RtdOptions)options).MaskProbability;

    public override void RequireTokenizer(SubwordTokenizer tokenizer)
    {
        tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, What);
        tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, What);
    }

    public override void RequireTargets(PretrainingData data, string what) => MaskingOf(data).RequireTargets(data.Blocks, what);

    public override nn.Module CreateModel(ModelConfig config, PretrainedModel? start, long seed)
    {
        using var call = start?.Call();
        var discriminator = (ReplacedTokenDetector)ModelArchitecture.Of(config).Create(Head, config, seed);
        MaskedLanguageModel? generator = null;
        try
        {
            start?.Shared.CopyTo(discriminator, outputs: HasHead(start.Network));
            generator = OpenGenerator(start) ?? NewGenerator(config, seed);
            generator.train();
            return new RtdModels(discriminator, generator).ShareEmbeddings();
        }
        catch
        {
            discriminator.Dispose();
            generator?.Dispose();
            throw;
        }
    }

    public override LanguageModelModule NetworkOf(nn.Module model) =>
        model is RtdModels models ? models.Discriminator : (LanguageModelModule)model;

    public override IModelState CreateState(nn.Module model, SubwordTokenizer tokenizer) => new RtdState((RtdModels)model, tokenizer);

    public override Objective CreateObjective(nn.Module model, PretrainingData data)
    {
        var isTrained = model is RtdModels;
        var models = model as RtdModels ?? Measured((ReplacedTokenDetector)model, data);
        var weight = data.IsHeldOut ? RtdObjective.PublishedWeight : ((RtdOptions)data.Options).DiscriminatorWeight;
        return new RtdObjective(
            models, new CorruptedBlocks(data.Blocks, MaskingOf(data), data.CorruptionStream), data.Seed, data.CorruptionStream, weight,
            data.Precision, ownsGenerator: !isTrained);
    }

    // What replaces the masked tokens follows from the generator's weights.
    public override ICorruption CreateCorruption(PretrainingData data) => MaskingOf(data);

    public override ITransformer CreatePipeline(MLContext ml, PretrainedModel model) => new TransformerChain<ITransformer>(
        new SubwordTokenizingTransformer(ml, "Tokens", nameof(TextLine.Text), model.Tokenizer),
        new ReplacedTokenTransformer(ml, "Prediction", "Tokens", model.Share(), new InferenceOptions()));

    internal override MaskedLanguageModel? GeneratorOf(nn.Module model) => (model as RtdModels)?.Generator;

    internal override ModelConfig GeneratorConfigFor(ModelConfig config, PretrainedModel? start) =>
        start?.Shared.ReadGeneratorConfig() ?? NewConfig(config);

    // What replaces the tokens follows from the generator that is measured.
    internal override bool CorruptsStoredBlocks => true;

    internal override IEnumerable<string> DescribeStart(PretrainedModel start)
    {
        using var generator = OpenGenerator(start);
        if (generator is null)
        {
            var made = NewConfig(start.Config);
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{start.Source} has no generator ({ModelFiles.GeneratorFolder}/): a new one of {made.LayerCount} layers of width ")
                + string.Create(CultureInfo.InvariantCulture, $"{made.HiddenSize} is drawn at random, on the embeddings of the model.");
        }
        else if (!Borrowed.AreEqual(generator.Backbone, start.Network.Backbone))
        {
            yield return $"{start.Source}/{ModelFiles.GeneratorFolder} has other embeddings than {start.Source}: the generator takes those "
                + "of the model, which both learn.";
        }
    }

    private static ModelConfig NewConfig(ModelConfig config) =>
        (ModelArchitecture.Of(config).GeneratorFor(config) ?? throw new NotSupportedException(
            $"{config.ModelType} has a replaced-token detector, but does not say which generator belongs to it: override "
                + $"{nameof(ModelArchitecture)}.GeneratorFor.")) with
        { Labels = ["LABEL_0", "LABEL_1"], Architectures = [] };

    // Weights are drawn by (seed, name), and the names of the two are the same.
    private static MaskedLanguageModel NewGenerator(ModelConfig config, long seed)
    {
        var made = NewConfig(config);
        return (MaskedLanguageModel)ModelArchitecture.Of(made).Create(ModelHead.MaskedLanguageModel, made, ~seed);
    }

    private static MaskedLanguageModel? OpenGenerator(
        PretrainedModel? start, string remedy = "remove the folder: a new generator is then made")
    {
        if (start?.Shared.CopyGenerator() is not { } generator)
            return null;
        var (found, wanted) = (ShapeOf(generator.Config), ShapeOf(start.Config));
        if (found == wanted)
            return generator;
        using (generator)
        {
            throw new ModelFormatException(
                $"{start.Source}/{ModelFiles.GeneratorFolder}",
                $"expected a generator whose embeddings are those of the model ({wanted}), found {found}. Get the checkpoint anew, or "
                    + $"{remedy}.");
        }
    }

    private static string ShapeOf(ModelConfig config) => string.Create(CultureInfo.InvariantCulture,
        $"{config.ModelType}, {config.VocabularySize} tokens of width {config.EmbeddingWidth}, {config.MaxLength} positions, ")
        + string.Create(CultureInfo.InvariantCulture, $"{config.TokenTypeCount} segments");

    private static RtdModels Measured(ReplacedTokenDetector network, PretrainingData data)
    {
        var models = new RtdModels(
            network,
            OpenGenerator(data.Measured, "put one with the model's there") ?? throw new InvalidOperationException(
                $"An evaluation of replaced-token detection needs the generator that the model was trained with, but "
                    + $"{data.Measured?.Source ?? "the model"} has no folder {ModelFiles.GeneratorFolder}/. Put a masked language model "
                    + "with the same vocabulary there."));
        models.eval(); // so that an evaluation puts it back into that
        return models;
    }

    // As masked language modeling does it: the generator is learned by that. Of held-out blocks as published.
    private static TokenMasking MaskingOf(PretrainingData data)
    {
        var options = data.IsHeldOut ? new RtdOptions() : (RtdOptions)data.Options;
        return new TokenMasking(data.Tokenizer, data.Seed, options.MaskProbability);
    }
}
