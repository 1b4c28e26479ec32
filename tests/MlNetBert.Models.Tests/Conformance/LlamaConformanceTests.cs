using MlNetBert.Models.Llama;
using MlNetBert.Tests.Common;

namespace MlNetBert.Models.Tests.Conformance;

public class LlamaConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Llama;
}

/// <summary>With queries that share keys.</summary>
public class GroupedLlamaConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Llama;

    protected override ModelConfig Config => (LlamaConfig)base.Config with { KeyValueHeads = 2, HeadWidth = 10, AttentionBias = true, FeedForwardBias = true };
}

/// <summary>With a window shorter than the texts.</summary>
public class MistralConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Mistral;

    protected override ModelConfig Config => (MistralConfig)base.Config with { SlidingWindow = 4 };
}
