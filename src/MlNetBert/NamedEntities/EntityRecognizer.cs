using MlNetBert.FineTuning;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Text.Tokenizers;
using static TorchSharp.torch;

namespace MlNetBert.NamedEntities;

/// <summary>Finds the entities of sentences with a fine-tuned token classifier. Thread-safe.</summary>
internal sealed class EntityRecognizer
{
    private readonly PretrainedModel _model;
    private readonly SubwordTokenizer _tokenizer;
    private readonly int _padding;
    private readonly int _limit;
    private readonly int _outside;

    public EntityRecognizer(PretrainedModel model, SequenceSettings settings, string name)
    {
        _model = model;
        _tokenizer = model.Tokenizer;
        _padding = _tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Recognizing entities");
        Tags = model.RequireHead<TokenClassifier>(name).Config.Labels;
        _limit = settings.MaxLength - _tokenizer.Template.AddedCount;
        _outside = Tags.ToList().IndexOf(BioTags.Outside);
    }

    public IReadOnlyList<string> Tags { get; }

    /// <summary>Tags sentences, those of like length together; words beyond the limit are outside.</summary>
    /// <param name="sentences">The sentences.</param>
    /// <param name="place">Where and how to compute.</param>
    /// <param name="cut">How many were longer than is read.</param>
    public IReadOnlyList<TaggedSentence> Recognize(IReadOnlyList<SentenceWords> sentences, InferencePlace place, out int cut)
    {
        using var call = _model.Call(place.Device);
        var network = (TokenClassifier)call.Network;
        var pieces = sentences.Select(s => SubwordAlignment.Create(_tokenizer, s, _limit)).ToList();
        cut = pieces.Count(p => p.IsTruncated);
        var results = new TaggedSentence[sentences.Count];
        var texts = pieces.ConvertAll(p => _model.Config.TextOf(_tokenizer.Template.Build([.. p.Ids])));
        EncoderBatches.Run(call, texts, _padding, place, (batch, hidden, _) =>
        {
            var (best, indices) = nn.functional.softmax(network.Logits(hidden, place.Precision), 2).max(2); // [batch, sequence] each
            var (scores, tags) = (best.contiguous().cpu().data<float>().ToArray(), indices.contiguous().cpu().data<long>().ToArray());
            var length = (int)hidden.shape[1];
            for (var row = 0; row < batch.Count; row++)
                results[batch[row]] =
                    Tag(sentences[batch[row]], pieces[batch[row]], tags.AsSpan(row * length, length), scores.AsSpan(row * length, length));
        });
        return results;
    }

    private TaggedSentence Tag(SentenceWords sentence, SubwordAlignment pieces, ReadOnlySpan<long> best, ReadOnlySpan<float> probabilities)
    {
        var tags = new int[sentence.Words.Count];
        var scores = new float[tags.Length];
        for (var word = 0; word < tags.Length; word++)
        {
            var place = _tokenizer.Template.Before.Count + pieces.FirstPieces[word];
            (tags[word], scores[word]) = pieces.FirstPieces[word] >= 0 ? ((int)best[place], probabilities[place]) : (_outside, 0);
        }

        GoOnOverUnread(tags, pieces);
        var entities = BioTags.Decode([.. tags.Select(tag => tag < 0 ? BioTags.Outside : Tags[tag])]);
        return new TaggedSentence(tags, [.. entities.Select(e => sentence.Locate(e) with { Score = Average(e) })]);

        float Average(EntitySpan entity) => Enumerable.Range(entity.Start, entity.End - entity.Start)
            .Where(word => pieces.FirstPieces[word] >= 0)
            .Average(word => scores[word]);
    }

    /// <summary>A word of which the tokenizer reads nothing is in the entity that stands before it and goes on behind it.</summary>
    private void GoOnOverUnread(int[] tags, SubwordAlignment pieces)
    {
        var before = -1; // the last word that was read
        for (var word = 0; word < tags.Length; word++)
        {
            if (pieces.IsUnread(word))
                continue;
            if (before >= 0 && word > before + 1 && tags[before] >= 0 && tags[word] >= 0
                && BioTags.GoesOn(Tags[tags[before]], Tags[tags[word]]))
                Array.Fill(tags, tags[word], before + 1, word - before - 1);
            before = word;
        }
    }
}
