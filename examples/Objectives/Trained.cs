using Microsoft.ML;
using MlNetBert;

namespace Objectives;

/// <summary>A trained model with what is known of it.</summary>
/// <param name="Pipeline">The fitted pipeline, from texts to predictions.</param>
/// <param name="Model">Its model.</param>
/// <param name="History">What the training reported.</param>
/// <param name="Answers">The lesson's cases.</param>
/// <param name="Texts">The fraction of the quiz that was written as it is; null where the model writes no words.</param>
internal sealed record Trained(
    ITransformer Pipeline, PretrainedModel Model, TrainingHistory History, IReadOnlyList<Answer> Answers, double? Texts) : IDisposable
{
    public void Dispose()
    {
        Model.Dispose();
        (Pipeline as IDisposable)?.Dispose();
    }
}
