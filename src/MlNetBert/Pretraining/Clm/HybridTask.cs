using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Clm;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining.Clm;

/// <summary>
/// Causal and masked language modeling by one set of weights, which then continues texts and fills masks (Charpentier and Samuel 2024).
/// </summary>
internal sealed class HybridTask : ClmTask
{
    private const double DefaultFraction = 0.5;

    public override string Name => "hybrid";

    public override string Description => "causal and masked language modeling";

    public override PretrainingCardTexts Card => base.Card with
    {
        Model = "A causal and masked language model",
        Tag = "masked-next-token-prediction",
    };

    internal override int? MaskShift => ClmObjective.Shift;

    public override PretrainingOptions CreateOptions() => new ClmOptions { CausalFraction = DefaultFraction };

    public override double TargetFraction(PretrainingOptions options) =>
        FractionOf(options) + ((1 - FractionOf(options)) * Masking.TargetFraction(Masking.CreateOptions()));

    public override void RequireTokenizer(SubwordTokenizer tokenizer)
    {
        base.RequireTokenizer(tokenizer);
        tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, What);
        tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, What);
    }

    public override bool Serves(PretrainedModel model) =>
        base.Serves(model) && RecordedObjective.NameIn(model.Config) == Name && model.Tokenizer.SpecialTokens.MaskTokenId is not null;

    public override void RequireTargets(PretrainingData data, string what)
    {
        base.RequireTargets(data, what);
        Masking.RequireTargets(Masked(data), what);
    }

    public override Objective CreateObjective(nn.Module model, PretrainingData data) => new HybridObjective(
        (CausalLanguageModel)model,
        new CorruptedBlocks(data.IsHeldOut ? new BlocksTwice(data.Blocks) : data.Blocks, TargetsOf(data), data.CorruptionStream),
        FractionOf(data.Options),
        data.Precision);

    public override Objective CreateStoredObjective(LanguageModelModule network, string path, ComputePrecision? precision) =>
        new HybridObjective(
            (CausalLanguageModel)network,
            new StoredBlocks(path, network.Config, ClmObjective.Shift, isCausal: IsCausal(path)),
            DefaultFraction,
            precision);

    public override ICorruption CreateCorruption(PretrainingData data) => TargetsOf(data);

    private static string What =>
        $"Learning masked tokens beside next ones ({nameof(ClmOptions)}.{nameof(ClmOptions.CausalFraction)} below 1)";

    private static PretrainingTask Masking => Get("mlm");

    private static double FractionOf(PretrainingOptions options) => ((ClmOptions)options).CausalFraction;

    private static PretrainingData Masked(PretrainingData data) => data with { Options = Masking.CreateOptions() };

    // Held-out blocks are measured both ways, with the masks of masked language modeling.
    private static HybridTargets TargetsOf(PretrainingData data)
    {
        var masking = Masking.CreateCorruption(Masked(data))!;
        return data.IsHeldOut
            ? HybridTargets.Halves(data.Tokenizer, masking, data.Blocks.Count)
            : HybridTargets.Drawn(data.Tokenizer, masking, data.Seed, FractionOf(data.Options));
    }

    // Of causal blocks the labels are the tokens themselves; masked ones hide them.
    private static bool IsCausal(string path)
    {
        using var file = SafetensorsFile.Open(path);
        long[] Read(string name)
        {
            var tensor = file.Describe(name);
            var values = new long[tensor.Shape.Aggregate(1L, (product, size) => product * size)];
            TensorConversion.ToInt64(file.GetBytes(name), tensor.Dtype, values);
            return values;
        }

        return Read("input_ids").Zip(Read("labels")).All(pair => pair.Second == StoredBlocks.IgnoredLabel || pair.First == pair.Second);
    }
}
