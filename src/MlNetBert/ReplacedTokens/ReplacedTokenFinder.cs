using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.ReplacedTokens;

/// <summary>
/// Finds the tokens of texts that a replaced-token detector takes for replaced. A text of more tokens than the model has positions is read
/// in parts of that length, one behind the other. Thread-safe; holds no weights of its own.
/// </summary>
internal sealed class ReplacedTokenFinder
{
    private const string What = "Finding replaced tokens";

    private readonly PretrainedModel _model;
    private readonly SubwordTokenizer _tokenizer;
    private readonly int _padding;
    private readonly int _room;

    /// <summary>Creates a finder.</summary>
    /// <param name="model">The model; the caller keeps it alive.</param>
    /// <exception cref="InvalidOperationException">The model has no replaced-token head, or its tokenizer no padding token.</exception>
    public ReplacedTokenFinder(PretrainedModel model)
    {
        model.Require<ReplacedTokenDetector>(What);
        _model = model;
        _tokenizer = model.Tokenizer;
        _padding = _tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, What);
        _room = model.Config.LongestSequence - _tokenizer.Template.AddedCount;
    }

    /// <summary>The token ids of a text, without special tokens added.</summary>
    public int[] Encode(string text)
    {
        var ids = new List<int>();
        _tokenizer.EncodeToIds(text, ids);
        return [.. ids];
    }

    /// <summary>A token as the vocabulary spells it.</summary>
    public string Spell(int id) => _tokenizer.Vocabulary[id];

    /// <summary>Judges the tokens of texts, parts of like length together.</summary>
    /// <param name="texts">Token ids of each text, without special tokens added.</param>
    /// <param name="place">Where and how to compute.</param>
    /// <returns>The results in the same order; a text without tokens has none.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed of before the call.</exception>
    public IReadOnlyList<JudgedText> Judge(IReadOnlyList<int[]> texts, InferencePlace place)
    {
        using var call = _model.Call(place.Device);
        var head = (ReplacedTokenDetector)call.Network;
        JudgedText[] results = [.. texts.Select(ids => new JudgedText(ids, new float[ids.Length]))];
        var parts = texts.SelectMany((ids, text) => Enumerable.Range(0, (int)Math.Ceiling((double)ids.Length / _room))
            .Select(part => (Text: text, Start: part * _room, Length: Math.Min(_room, ids.Length - (part * _room))))).ToList();
        var sequences = parts.ConvertAll(part =>
            _model.Config.TextOf(_tokenizer.Template.Build(texts[part.Text].AsSpan(part.Start, part.Length))));
        var before = _tokenizer.Template.Before.Count;
        EncoderBatches.Run(call, sequences, _padding, place, (batch, hidden, _) =>
        {
            var scores = head.Logits(hidden, place.Precision).sigmoid().cpu();               // [batch, sequence]
            for (var row = 0; row < batch.Count; row++)
            {
                var part = parts[batch[row]];
                using var own = scores[row].narrow(0, before, part.Length).contiguous();
                own.data<float>().ToArray().CopyTo(results[part.Text].Scores, part.Start);
            }
        });
        return results;
    }
}
