using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests.Pretraining;

public sealed class MlmTaskConformsTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => PretrainingTask.Get("mlm");
}

/// <summary>An objective with two models, of which one remains, two terms of loss, and neither an accuracy nor a perplexity.</summary>
public sealed class TwinTaskConformsTests : PretrainingTaskConformanceTests
{
    static TwinTaskConformsTests() => PretrainingTask.Register(TwinTask.Instance);

    protected override PretrainingTask Task => TwinTask.Instance;

    protected override bool Previews => false;
}
