using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Inference;

public class TrainingPlaceTests
{
    [Fact]
    public void Enter_AndLeave_SetWhatTheOptionsSayAndTakeItBack()
    {
        using var network = (MaskedLanguageModel)ModelArchitecture.Of(Tiny.Config).Create(ModelHead.MaskedLanguageModel, Tiny.Config, seed: 1);
        using var place = new TrainingPlace(Tiny.Options() with { Precision = Precision.BFloat16, ActivationCheckpointing = true });

        place.Enter(network);
        Assert.Equal(ComputePrecision.BFloat16, network.Backbone.Precision);
        Assert.True(network.Backbone.ActivationCheckpointing);

        TrainingPlace.Leave(network);
        Assert.Equal(ComputePrecision.Float32, network.Backbone.Precision);
        Assert.False(network.Backbone.ActivationCheckpointing);
    }
}
