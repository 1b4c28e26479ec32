using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;

namespace Examples.Tests;

/// <summary>The objective that docs/adding-an-objective.md registers keeps to what every objective does.</summary>
public sealed class GuideTaskTests : PretrainingTaskConformanceTests
{
    static GuideTaskTests() => PretrainingTask.Register(new DocumentationSnippets.ReversalTask());

    protected override PretrainingTask Task => PretrainingTask.Get("reversal");
}
