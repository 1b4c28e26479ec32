using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests.Pretraining;

public sealed class MlmTaskConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("mlm");
}

/// <summary>Spans of words, and a probability that falls from step to step.</summary>
public sealed class SpanMaskingConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("mlm");

    protected override PretrainingOptions Options =>
        (MlmOptions)base.Options with { Masking = MaskingUnit.Spans, MaskProbability = 0.4, FinalMaskProbability = 0.15 };
}

public sealed class ClmTaskConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("clm");
}

/// <summary>Causal and masked blocks by one model.</summary>
public sealed class HybridTaskConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("hybrid");
}

public sealed class PlmTaskConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("plm");
}

/// <summary>A detector with ModernBERT's layers, and its generator.</summary>
public sealed class RtdTaskConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("rtd");
}

/// <summary>ELECTRA's own shape.</summary>
public sealed class ElectraConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("rtd");

    protected override PretrainingOptions Options => base.Options with { Architecture = "electra" };
}

public sealed class SpanCorruptionConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("t5");
}

public sealed class TextInfillingConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("bart");

    // What is hidden is a matter of its own.
    protected override PretrainingOptions Options => (DenoisingOptions)base.Options with { NoiseDensity = 0.5, MeanSpanLength = 2 };
}

/// <summary>Masked tokens beside a task over pairs, cut from documents of several sentences.</summary>
public abstract class PairedMlmConformsTests : PretrainingTaskConformanceTests
{
    // A block holds two sentences.
    protected override int BlockLength => 64;

    protected override IEnumerable<string> Documents => base.Documents.Select(text => text.Replace(" and then it", ". Then it", StringComparison.Ordinal));
}

public sealed class NextSentenceConformsTests : PairedMlmConformsTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("nsp");
}

public sealed class SentenceOrderConformsTests : PairedMlmConformsTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("sop");

    // What is masked is a matter of its own.
    protected override PretrainingOptions Options => (MlmOptions)base.Options with { Masking = MaskingUnit.WholeWords };
}

/// <summary>An objective with two models, of which one remains, two terms of loss, and neither an accuracy nor a perplexity.</summary>
public sealed class TwinTaskConformsTests : PretrainingTaskConformanceTests
{
    static TwinTaskConformsTests() => PretrainingTask.Register(TwinTask.Instance);

    protected override PretrainingTask Task => TwinTask.Instance;

    protected override bool Previews => false;
}
