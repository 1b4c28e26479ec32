using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bart;

/// <summary>What a stack makes of embedded words: positions are added, and the sum is normalized and dropped out.</summary>
internal sealed class BartEmbeddings : nn.Module
{
    private readonly BartConfig _config;

    [ComponentName(Name = "positions")]
    private readonly EmbeddingTable _positions;

    [ComponentName(Name = "norm")]
    private readonly Norm _norm;

    public BartEmbeddings(BartConfig config)
        : base(nameof(BartEmbeddings))
    {
        _config = config;
        _positions = new EmbeddingTable(config.MaxPositions + BartConfig.PositionOffset, config.HiddenSize);
        _norm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    public EmbeddingTable Positions => _positions;

    public Norm Norm => _norm;

    /// <summary>[batch, sequence] → [batch, sequence, hidden], float32.</summary>
    /// <param name="words">The word embeddings, which both stacks share.</param>
    /// <param name="ids">Token ids [batch, sequence].</param>
    /// <param name="places">The place of each token [batch or 1, sequence], from 0.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(EmbeddingTable words, Tensor ids, Tensor places, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var embedded = words.Forward(ids);                                                   // [batch, sequence, hidden]
        if (_config.ScalesEmbeddings)
            embedded = embedded.Times(Math.Sqrt(_config.HiddenSize));
        var sum = embedded.Plus(_positions.Forward(places.Plus(BartConfig.PositionOffset).to(ScalarType.Int64)));
        return pass.Drop(_norm.Forward(sum), _config.Dropout).MoveToOuterDisposeScope();
    }
}
