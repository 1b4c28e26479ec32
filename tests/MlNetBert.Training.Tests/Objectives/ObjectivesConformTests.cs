using System.Text.Json;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Objectives.Rtd;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives;

public sealed class MlmObjectiveConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create() => new MlmObjective(TinyMlm.Model(), TinyMlm.Blocks(6, padded: 5), TinyMlm.Masking());

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize((CorruptedBatch)batch);
}

public sealed class ClmObjectiveConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create() => TinyClm.Objective(TinyClm.Model(), TinyMlm.Blocks(6, padded: 5));

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize((CorruptedBatch)batch);
}

public sealed class PlmObjectiveConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create() => TinyPlm.Objective(TinyPlm.Model(), TinyMlm.Blocks(6, padded: 5));

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize((CorruptedBatch)batch);
}

public sealed class SpanCorruptionObjectiveConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create() => TinyDenoising.Objective(TinyDenoising.Model("t5"), TinyMlm.Blocks(6, padded: 5));

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize((CorruptedBatch)batch);
}

public sealed class RtdObjectiveConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create() => TinyRtd.Objective(TinyRtd.Models(), TinyMlm.Blocks(6, padded: 5));

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize((RtdBatch)batch);
}

public sealed class TextInfillingObjectiveConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create() => TinyDenoising.Objective(TinyDenoising.Model("bart"), TinyMlm.Blocks(6, padded: 5));

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize((CorruptedBatch)batch);
}

public sealed class LineFitConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create() => new LineFit(6);

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize(batch);
}

public sealed class TwoTermsConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create() => new TwoTerms(6);

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize(batch);
}

public sealed class SequenceClassificationConformanceTests : SequenceConformanceTests<int>
{
    protected override Objective Create() => new SequenceClassificationObjective(Labeled.Classifier(), Labeled.Classes(6), [1, 2, 4]);
}

public sealed class RegressionConformanceTests : SequenceConformanceTests<float>
{
    protected override Objective Create() => new RegressionObjective(Labeled.Classifier(labels: 1), Labeled.Texts(6, i => i * 0.5f));
}

public sealed class TokenClassificationConformanceTests : SequenceConformanceTests<TokenLabels>
{
    protected override Objective Create() => new TokenClassificationObjective(
        Labeled.Tagger(), Labeled.Texts(6, i => new TokenLabels([Models.Losses.IgnoredLabel, i % 3, (i + 1) % 3], [i % 3, (i + 1) % 3], [1, 2])));
}

public sealed class ExtractiveAnswerConformanceTests : SequenceConformanceTests<AnswerWindow>
{
    protected override Objective Create() => new ExtractiveAnswerObjective(Labeled.Answerer(), Labeled.Texts(6, i => new AnswerWindow(i, "", 1, 2)));
}

/// <summary>Batches of texts.</summary>
/// <typeparam name="TLabel">What a text is labeled with.</typeparam>
public abstract class SequenceConformanceTests<TLabel> : ObjectiveConformanceTests
{
    protected override string Describe(TrainingBatch batch)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var labeled = (SequenceBatch<TLabel>)batch;
        var inputs = labeled.Texts.ToTensors(TorchSharp.torch.CPU);
        return JsonSerializer.Serialize(new { labeled.Examples, labeled.TargetCounts, labeled.Tokens, labeled.Labels, Ids = inputs.InputIds.data<long>().ToArray(), Mask = inputs.AttentionMask?.data<long>().ToArray() });
    }
}
