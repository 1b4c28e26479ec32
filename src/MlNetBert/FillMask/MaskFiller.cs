using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.FillMask;

/// <summary>Finds the most probable pieces for the masks of texts. Thread-safe; holds no weights of its own.</summary>
[Experimental("MLNETBERT001")]
public sealed class MaskFiller
{
    /// <summary>Masks that go through the head at once: bounds the memory of the logits.</summary>
    private const int MasksAtOnce = 256;

    private const string What = "Filling masks";

    private readonly PretrainedModel _model;
    private readonly SubwordTokenizer _tokenizer;
    private readonly int _mask;
    private readonly int _padding;
    private readonly int? _before;
    private readonly int _shift;
    private readonly int _room;
    private readonly int _topK;
    private readonly int[]? _targets;
    private readonly InferencePlace _place;

    /// <summary>Creates a filler.</summary>
    /// <param name="model">The model; the caller keeps it alive.</param>
    /// <param name="options">How many candidates, which words, and where to compute; null for the defaults.</param>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model is no masked and no permuted language model, and no causal model that was
    /// pretrained with <see cref="ClmOptions.CausalFraction"/> below 1, or its tokenizer has no mask token.</exception>
    /// <exception cref="ArgumentException">The vocabulary has no piece for a candidate word.</exception>
    public MaskFiller(PretrainedModel model, FillMaskOptions? options = null)
        : this(model, options ?? new FillMaskOptions(), InferencePlace.Of(Checked(options), environment: null))
    {
    }

    internal MaskFiller(PretrainedModel model, FillMaskOptions options, InferencePlace place)
    {
        ArgumentNullException.ThrowIfNull(model);
        options.Validate();
        _shift = RecordedObjective.MaskShiftOf(model, What);
        _model = model;
        _tokenizer = model.Tokenizer;
        _mask = _tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, What);
        _padding = _tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, What);
        // What a causal model predicts stands behind something: where the tokenizer adds nothing, behind what documents of blocks stand.
        _before = _shift == 0 || _tokenizer.Template.Before.Count > 0 ? null
            : BlockTemplate.BeginningOf(_tokenizer) ?? BlockTemplate.EndOf(_tokenizer)
                ?? throw new InvalidOperationException(
                    $"{What} needs a token before a text, but the tokenizer ({model.Source}) has none that a text begins or ends with. "
                        + "Name one as eos_token in tokenizer_config.json.");
        _room = model.Config.LongestSequence - _tokenizer.Template.AddedCount - (_before is null ? 0 : 1);
        _targets = options.CandidateWords.Count == 0 ? null : [.. options.CandidateWords.Select(_tokenizer.FirstPiece).Distinct()];
        _topK = Math.Min(options.TopK, _targets?.Length ?? model.Tokenizer.Vocabulary.Count);
        _place = place;
    }

    /// <summary>
    /// The token ids of a text, without special tokens added. Where the tokenizer lower-cases, a mask is one whatever its case: «[mask]»
    /// too, as NormalizeText leaves it.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>What <see cref="FillTokens(IReadOnlyList{int[]}, CancellationToken)"/> takes.</returns>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16, and the tokenizer's options refuse
    /// that.</exception>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        _tokenizer.EncodeToIds(MaskSpelling.Restore(_tokenizer, text.AsMemory()).Span, ids);
        return [.. ids];
    }

    /// <summary>Fills the masks of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Stops before the text is computed.</param>
    /// <returns>The result; a text without a mask gets empty lists.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed of before the call.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public MaskedText Fill(string text, CancellationToken cancellationToken = default) =>
        Fill([text], cancellationToken)[0];

    /// <summary>Fills the masks of texts, those of similar length together.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The results in the same order; a text without a mask gets empty lists and is not computed.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed of before the call.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public IReadOnlyList<MaskedText> Fill(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return FillTokens([.. texts.Select(Encode)], cancellationToken);
    }

    /// <summary>Fills the masks of texts that are tokenized already.</summary>
    /// <param name="texts">Token ids of each text, without special tokens added.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The results in the same order; a text without a mask gets empty lists and is not computed.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed of before the call.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public IReadOnlyList<MaskedText> FillTokens(IReadOnlyList<int[]> texts, CancellationToken cancellationToken = default) =>
        FillTokens(texts, _place, cancellationToken);

    /// <summary>The same, computed elsewhere or otherwise.</summary>
    internal IReadOnlyList<MaskedText> FillTokens(
        IReadOnlyList<int[]> texts, InferencePlace place, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var call = _model.Call(place.Device);
        var results = new MaskedText[texts.Count];
        var pending = new List<(int Index, MaskedText Text)>();
        for (var i = 0; i < texts.Count; i++)
        {
            results[i] = Cut(texts[i]);
            if (results[i].MaskPositions.Count > 0)
                pending.Add((i, results[i]));
        }

        var sequences = pending.ConvertAll(p => Build([.. p.Text.TokenIds]));
        foreach (var batch in LengthBatches.Of(sequences.ConvertAll(sequence => sequence.Ids), place.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadingMemory.Require(_model.Config, batch.Count, sequences[batch[^1]].Ids.Length, call.Device, place.Precision);
            var candidates = Predict(
                call, place.Precision, batch.ConvertAll(i => sequences[i]), batch.ConvertAll(i => pending[i].Text.MaskPositions));
            for (var row = 0; row < batch.Count; row++)
                results[pending[batch[row]].Index] = pending[batch[row]].Text with { Candidates = candidates[row] };
        }

        return results;
    }

    /// <summary>The mask as the vocabulary writes it.</summary>
    internal string MaskToken => _tokenizer.Vocabulary[_mask];

    /// <summary>A candidate as text: what its piece is decoded to by itself.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <returns>The text.</returns>
    public string Decode(MaskCandidate candidate) => _tokenizer.GetText(candidate.TokenId);

    /// <summary>The text with the best candidate in every mask, without special tokens other than [UNK].</summary>
    /// <param name="text">A text that <see cref="FillTokens(IReadOnlyList{int[]}, CancellationToken)"/> gave.</param>
    /// <returns>The decoded text.</returns>
    public string DecodeBest(MaskedText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return DecodeVisible(text.WithBest(), _ => false);
    }

    /// <summary>The text with one candidate in its mask, without special tokens other than [UNK] and the masks that are left.</summary>
    /// <param name="text">A text that <see cref="FillTokens(IReadOnlyList{int[]}, CancellationToken)"/> gave.</param>
    /// <param name="mask">Number of the mask, from 0.</param>
    /// <param name="candidate">Number of its candidate, from 0.</param>
    /// <returns>The decoded text.</returns>
    public string Decode(MaskedText text, int mask, int candidate)
    {
        ArgumentNullException.ThrowIfNull(text);
        var place = text.MaskPositions[mask];
        return DecodeVisible(text.With(mask, candidate), position => position != place);
    }

    /// <summary>What a reader sees: unknown words keep their place, and masks where they may.</summary>
    private string DecodeVisible(int[] ids, Func<int, bool> keepsMask)
    {
        var unknown = _tokenizer.SpecialTokens.UnknownTokenId;
        return _tokenizer.Decode(
            ids.Where((id, position) => !_tokenizer.IsSpecial(id) || id == unknown || (id == _mask && keepsMask(position))),
            skipSpecialTokens: false);
    }

    /// <summary>The window around the first mask that the model has positions for; the whole text where it fits.</summary>
    private MaskedText Cut(int[] ids)
    {
        var isCut = ids.Length > _room && Array.IndexOf(ids, _mask) >= 0;
        if (isCut)
        {
            var first = Math.Clamp(Array.IndexOf(ids, _mask) - (_room / 2), 0, ids.Length - _room);
            ids = ids[first..(first + _room)];
        }

        var positions = Enumerable.Range(0, ids.Length).Where(i => ids[i] == _mask).ToArray();
        return new MaskedText(ids, positions, [], isCut);
    }

    private List<IReadOnlyList<IReadOnlyList<MaskCandidate>>> Predict(
        ModelCall call, ComputePrecision precision, List<EncodedText> sequences, List<IReadOnlyList<int>> masks)
    {
        var network = (VocabularyModel)call.Network;
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (inputIds, attention, types) = new PaddedTexts(sequences, _padding).ToTensors(call.Device); // [batch, sequence]
        // Of each text, behind the special tokens before it; a causal model predicts from the place before.
        var start = _tokenizer.Template.Before.Count + (_before is null ? 0 : 1) - _shift;
        var places = masks.ConvertAll(row => (IReadOnlyList<int>)[.. row.Select(place => start + place)]);
        var chosen = network.StatesFor(new(inputIds, attention, types) { Causal = false }, places, precision); // [masks, hidden]
        var flat = new List<IReadOnlyList<MaskCandidate>>();
        for (long first = 0; first < chosen.shape[0]; first += MasksAtOnce)
        {
            using var inner = NewDisposeScope();
            var some = chosen.narrow(0, first, Math.Min(MasksAtOnce, chosen.shape[0] - first));
            Best(network.Head.Logits(some, precision), flat);
        }

        var taken = 0;
        return masks.ConvertAll(row => (IReadOnlyList<IReadOnlyList<MaskCandidate>>)flat[taken..(taken += row.Count)]);
    }

    private EncodedText Build(int[] ids)
    {
        var built = _model.Config.TextOf(_tokenizer.Template.Build(ids));
        return _before is { } before ? new([before, .. built.Ids], built.TokenTypeIds is { } types ? [0, .. types] : null) : built;
    }

    /// <summary>Candidates of each row of logits [masks, vocabulary].</summary>
    private void Best(Tensor logits, List<IReadOnlyList<MaskCandidate>> candidates)
    {
        var probabilities = nn.functional.softmax(logits, 1); // [masks, vocabulary]
        // A model may have more rows of embeddings than its tokenizer has pieces: they stand for nothing.
        probabilities = _targets is null
            ? probabilities.narrow(1, 0, Math.Min(_tokenizer.Vocabulary.Count, _model.Config.VocabularySize)) // [masks, pieces]
            : probabilities.index_select(1, tensor(_targets, device: probabilities.device).to(ScalarType.Int64)); // [masks, targets]
        var (values, indices) = probabilities.topk(_topK, 1); // [masks, k]
        var scores = values.cpu().data<float>().ToArray();
        var ids = indices.cpu().data<long>().ToArray();
        for (var mask = 0; mask < logits.shape[0]; mask++)
        {
            var best = new MaskCandidate[_topK];
            for (var k = 0; k < _topK; k++)
            {
                var id = (int)ids[(mask * _topK) + k];
                best[k] = new MaskCandidate(_targets is null ? id : _targets[id], scores[(mask * _topK) + k]);
            }

            candidates.Add(best);
        }
    }

    private static FillMaskOptions Checked(FillMaskOptions? options)
    {
        options ??= new FillMaskOptions();
        options.Validate();
        return options;
    }
}
