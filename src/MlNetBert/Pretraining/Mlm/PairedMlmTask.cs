using System.Globalization;
using System.Runtime.CompilerServices;
using MlNetBert.Models;
using MlNetBert.Models.Heads;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Mlm;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining.Mlm;

/// <summary>
/// Masked language modeling beside a task over pairs of texts: next sentences (BERT, Devlin et al. 2019) or their order (ALBERT, Lan et al.
/// 2020).
/// </summary>
internal sealed class PairedMlmTask(SentencePairTask kind) : MlmTask
{
    // How many blocks are enough to tell how many have no pair.
    private const int SampledBlocks = 4096;

    // Blocks are read once for what is checked, warned of and trained on.
    private readonly ConditionalWeakTable<PretrainingData, SentencePairing> _pairings = [];

    public override string Name => IsOrder ? "sop" : "nsp";

    public override string Description =>
        "masked language modeling and " + (IsOrder ? "sentence order prediction" : "next sentence prediction");

    public override ModelHead Head => ModelHead.PreTraining;

    public override ModelArchitecture DefaultArchitecture =>
        IsOrder ? ModelArchitecture.DefaultForSentenceOrder : ModelArchitecture.DefaultForNextSentence;

    public override bool CombinesDocuments => true;

    // Without a word it is measured by masked tokens alone: which task its pairs are of, the head does not tell.
    internal override bool IsKnownByItsHead => false;

    public override PretrainingCardTexts Card => base.Card with
    {
        Model = "A masked language model with " + (IsOrder ? "sentence order prediction" : "next sentence prediction"),
        Loss = "Loss (masked tokens + pairs)",
        Tag = IsOrder ? "sentence-order-prediction" : "next-sentence-prediction",
    };

    public override IReadOnlyList<PretrainingArgument> Arguments => MaskingArguments;

    private bool IsOrder => kind == SentencePairTask.SentenceOrder;

    public override bool HasHead(LanguageModelModule network) => ModelArchitecture.ClassOf(network)?.Head == Head;

    public override void RequireHead(PretrainedModel model, string what) => model.Require<PreTrainingModel>(
        what, "a head over pairs of texts beside the masked-LM head",
        $"Pretrain the model with {nameof(MlmOptions)}.{nameof(MlmOptions.SentencePairs)}, or take a checkpoint that has both.");

    public override PretrainingOptions CreateOptions() => new MlmOptions { SentencePairs = kind };

    public override void RequireTargets(PretrainingData data, string what)
    {
        base.RequireTargets(data, what);
        var least = data.Tokenizer.Template.PairAddedCount + 2;
        if (data.Blocks.BlockLength < least)
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"{what} have blocks of {data.Blocks.BlockLength} tokens, in which a pair of texts has no room: expected at least ")
                + FormattableString.Invariant($"{least}, two tokens and the special tokens of a pair. ")
                + "Give a larger BlockOptions.BlockLength.");
        }

        PairingOf(data).Table.Require(kind, what);
    }

    public override IEnumerable<string> DescribeTrouble(PretrainingData data)
    {
        var pairing = PairingOf(data);
        foreach (var warning in pairing.Table.Warnings())
            yield return warning;
        var (without, cuttable) = pairing.Sample(SampledBlocks);
        if (without > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"Of {cuttable} blocks with two sentences, {without} have no pair in the first epoch, as their second text and one of "
                    + $"another document do not both fit, or are the same: only masked tokens are learned from them then. Larger blocks "
                    + $"have more pairs.");
        }
    }

    public override Objective CreateObjective(nn.Module model, PretrainingData data) => new SentencePairObjective(
        (PreTrainingModel)model, new CorruptedBlocks(data.Blocks, PairingOf(data), data.CorruptionStream), data.Precision);

    public override Objective CreateStoredObjective(LanguageModelModule network, string path, ComputePrecision? precision) =>
        new SentencePairObjective(
            (PreTrainingModel)network,
            new StoredBlocks(path, network.Config, pairLabels: IsOrder ? "sentence_order_label" : "next_sentence_label"),
            precision);

    public override ICorruption CreateCorruption(PretrainingData data) => PairingOf(data);

    private SentencePairing PairingOf(PretrainingData data) => _pairings.GetValue(
        data, made => new SentencePairing(made.Blocks, made.Tokenizer, MaskingOf(made), kind, made.Seed));
}
