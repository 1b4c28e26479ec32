using MlNetBert.Inference;
using MlNetBert.Models;

namespace MlNetBert.Pretraining;

/// <summary>Lends a model while it is trained: a handle for one use, in evaluation mode, that does not own the weights.</summary>
internal sealed class LentModel
{
    private readonly SharedModel _shared;

    public LentModel(LanguageModelModule network, SubwordTokenizer tokenizer, SharedModel? start = null)
    {
        _shared = new SharedModel(network, tokenizer, "being pretrained here", start, learns: true);
        _shared.AddLease(); // never ended: the network is the run's to dispose of
    }

    public T Use<T>(Func<PretrainedModel, T> use)
    {
        var network = _shared.Network;
        var wasTraining = network.training;
        network.eval();
        try
        {
            using var model = new PretrainedModel(_shared);
            return use(model);
        }
        finally
        {
            network.train(wasTraining);
        }
    }
}
