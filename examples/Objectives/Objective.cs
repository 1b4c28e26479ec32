using MlNetBert;

namespace Objectives;

/// <summary>A way of pretraining.</summary>
/// <param name="Key">Its key on the command line.</param>
/// <param name="Name">Its name.</param>
/// <param name="Models">Published models that learned so.</param>
/// <param name="Direction">Which side of a token the model sees.</param>
/// <param name="GoodFor">What such models are used for.</param>
/// <param name="Epochs">Passes over the corpus after which it answers.</param>
/// <param name="Train">Trains it for so many epochs.</param>
internal sealed record Objective(
    string Key, string Name, string Models, string Direction, string GoodFor, int Epochs, Func<Pretraining, int, Trained> Train)
{
    private const string Fill = "gaps, features";

    /// <summary>The lesson's six ways, with their variants, and the hybrid of two of them.</summary>
    public static IReadOnlyList<Objective> All { get; } =
    [
        new("clm", "CLM", "GPT, Llama", "left to right", "writing", 12, (p, epochs) => p.Clm(epochs)),
        new("mlm", "MLM", "BERT, RoBERTa", "both sides", Fill, 20, (p, epochs) => p.Mlm(epochs)),
        new("rtd", "RTD", "ELECTRA", "both sides", "features", 20, (p, epochs) => p.Rtd(epochs)),
        new("nsp", "MLM + NSP", "BERT", "both sides", "pairs, gaps", 30, (p, epochs) => p.Pairs(SentencePairTask.NextSentence, epochs)),
        new("sop", "MLM + SOP", "ALBERT", "both sides", "pairs, gaps", 30, (p, epochs) => p.Pairs(SentencePairTask.SentenceOrder, epochs)),
        new("plm", "PLM", "XLNet", "both sides, in any order", Fill, 30, (p, epochs) => p.Plm(epochs)),
        // T5's matrices start with smaller numbers than others' and want a lower rate; its gaps take more steps to be read.
        new("t5", "DAE, spans", "T5", "both sides, then left to right", "text to text", 40,
            (p, epochs) => p.Denoising(DenoisingCorruption.SpanCorruption, epochs, learningRate: 5e-4, batchSize: 32)),
        new("bart", "DAE, infilling", "BART", "both sides, then left to right", "text to text", 25,
            (p, epochs) => p.Denoising(DenoisingCorruption.TextInfilling, epochs, Pretraining.LearningRate, Pretraining.BatchSize)),
        new("hybrid", "CLM + MLM", "GPT-BERT", "both, in one model", "writing, gaps", 25, (p, epochs) => p.Hybrid(epochs)),
    ];
}
