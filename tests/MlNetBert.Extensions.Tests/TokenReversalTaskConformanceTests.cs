using MlNetBert;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using Stranger.TokenReversal;

namespace Stranger;

public sealed class TokenReversalTaskConformanceTests : PretrainingTaskConformanceTests
{
    protected override PretrainingTask Task => TokenReversalTask.Instance;

    protected override bool Previews => false;

    [Fact]
    public void Options_OfItsOwn_AreValidatedWithTheOthers()
    {
        var training = new TokenReversalOptions { SkippedFraction = 1, MaxSteps = 0 };

        var exception = Assert.Throws<InvalidOptionsException>(() => new CorpusPretraining(new CorpusPretrainingOptions { TrainingFiles = ["text"], OutputDirectory = "run", Training = training }));

        Assert.Contains("SkippedFraction", exception.Message, StringComparison.Ordinal);
        Assert.Contains("MaxSteps", exception.Message, StringComparison.Ordinal);
    }
}
