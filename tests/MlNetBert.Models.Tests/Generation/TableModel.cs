using MlNetBert.Models.Generation;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Generation;

/// <summary>A model whose scores are a table by the last token: what a search finds can be counted out.</summary>
/// <param name="scores">[last token][next token].</param>
internal sealed class TableModel(float[][] scores) : IGenerativeModel
{
    /// <summary>How many rows the last step had.</summary>
    public long LastRows { get; private set; }

    public ModelConfig Config { get; } =
        ModelArchitecture.Bert.CreateConfig(ModelSize.Tiny, scores.Length, maxPositions: 32, new ModelTokenIds(null, null, null));

    public int? DecoderStart => null;

    public GenerationState Start(ModelInputs prompt, ComputePrecision? precision = null) => new State(this, prompt.Ids);

    private Tensor Take(IEnumerable<long> last)
    {
        var rows = last.Select(id => scores[id]).ToArray();
        LastRows = rows.Length;
        var values = new float[rows.Length, scores.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            for (var id = 0; id < scores.Length; id++)
                values[row, id] = rows[row][id];
        }

        return tensor(values).DetachFromDisposeScope();
    }

    private sealed class State(TableModel model, Tensor prompt) : GenerationState
    {
        private long _length = prompt.shape[1];
        private Tensor _logits = model.Take(prompt.select(1, -1).data<long>().ToArray());

        public override long Length => _length;

        public override Tensor Logits => _logits;

        public override void Advance(Tensor ids)
        {
            _logits.Dispose();
            _length++;
            _logits = model.Take(ids.data<long>().ToArray());
        }

        public override void SelectRows(Tensor rows)
        {
            var chosen = _logits.index_select(0, rows).DetachFromDisposeScope();
            _logits.Dispose();
            _logits = chosen;
        }

        protected override void Dispose(bool disposing) => _logits.Dispose();
    }
}
