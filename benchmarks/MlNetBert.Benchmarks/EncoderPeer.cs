using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Benchmarks;

/// <summary>Hugging Face's graph of an encoder, with or without a masked-LM head, fed as Python users feed it: batches of 32 in the order of arrival, padded to the longest, with our tokenizer in front.</summary>
internal sealed class EncoderPeer : IDisposable
{
    private const int Batch = 32;

    private readonly jit.ScriptModule<Tensor, Tensor, Tensor> _graph;
    private readonly SubwordTokenizer _tokenizer;

    public EncoderPeer(string packed, SubwordTokenizer tokenizer)
    {
        _graph = jit.load<Tensor, Tensor, Tensor>(Peer.Unpack(packed));
        Peer.Initialize(_graph);
        _tokenizer = tokenizer;
    }

    /// <summary>Times ours and the graph on the same texts in turn, a round first that does not count, and prints a row: texts a second here and there, and the ratio.</summary>
    public void Compare(string what, IReadOnlyList<string> texts, int maxLength, Action ours, int rounds, int repetitions = 1)
    {
        var (here, there) = InTurn.Time(rounds, repetitions, ours, () => Run(texts, maxLength));
        var (own, other) = (here.ConvertAll(seconds => texts.Count / seconds), there.ConvertAll(seconds => texts.Count / seconds));
        Report.Row(what, Report.Spread(own, "0.0"), Report.Spread(other, "0.0"), Report.Number(Report.Median(own) / Report.Median(other)) + " ×");
    }

    public void Dispose() => _graph.Dispose();

    private void Run(IReadOnlyList<string> texts, int maxLength)
    {
        using var guard = no_grad();
        foreach (var batch in texts.Chunk(Batch))
        {
            using var scope = NewDisposeScope();
            var inputs = new PaddedTexts([.. batch.Select(text => new EncodedText(Ids(text, maxLength)))], _tokenizer.SpecialTokens.PaddingTokenId!.Value).ToTensors(CPU); // [batch, sequence]
            _graph.call(inputs.InputIds, inputs.AttentionMask ?? ones_like(inputs.InputIds));
        }
    }

    private int[] Ids(string text, int maxLength)
    {
        var ids = _tokenizer.EncodeToIds(text);
        var template = _tokenizer.Template;
        return template.Build(ids.AsSpan(0, Math.Min(ids.Length, maxLength - template.AddedCount))).Ids;
    }
}
