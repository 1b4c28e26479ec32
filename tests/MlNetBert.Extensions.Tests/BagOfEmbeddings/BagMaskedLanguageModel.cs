using MlNetBert.Models;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;

namespace Stranger.BagOfEmbeddings;

internal sealed class BagMaskedLanguageModel : MaskedLanguageModel
{
    private readonly BagTransform _head;

    public BagMaskedLanguageModel(string className, BagConfig config)
        : base(className, new BagBackbone(config))
    {
        _head = new BagTransform(config);
        Head = new VocabularyHead(this, _head, () => null, () => null);
        RegisterComponents();
    }

    public override VocabularyHead Head { get; }

    protected override IEnumerable<ModelWeight> HeadWeights() => _head.Weights();
}
