using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Embeddings;

/// <summary>Vectors of texts and of tokens with each architecture, against its encoder run on one text after the other.</summary>
public sealed class EmbeddingByArchitectureTests : IDisposable
{
    // Of like and of unlike lengths, one longer than the model has positions; the empty text has no token of its own.
    private static readonly string[] Texts =
    [
        "the cat sits on a mat.", "", "a dog", "the horse runs near the river, then the dog runs near the house, then the cat sits near the river.",
        "the cat sleeps on a mat.", "QQ",
    ];

    private readonly MLContext _ml = new(seed: 8);
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Names => OwnArchitectures.Encoders;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void EmbedText_TextsTogether_GivesTheMeanOfEachOnesHiddenStates(string architecture)
    {
        using var model = Saved(architecture);

        using var fitted = _ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(Tiny.Rows(_ml));

        var found = fitted.Transform(Tiny.Rows(_ml, Texts)).GetColumn<float[]>("Features").ToList();
        foreach (var (text, vector) in Texts.Zip(found))
        {
            var states = States(model, text);
            Assert.Equal(32, vector.Length);
            for (var i = 0; i < vector.Length; i++)
                Assert.Equal(states.Average(state => state[i]), vector[i], 1e-5f);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EmbedTokens_TextsTogether_GivesTheHiddenStatesOfEachOnesPieces(string architecture)
    {
        using var model = Saved(architecture);

        using var fitted = _ml.Transforms.Text.EmbedTokens("Embedding", "Text", model).Fit(Tiny.Rows(_ml));
        using var loaded = Tiny.Reload<TokenEmbeddingTransformer>(_ml, fitted, Tiny.Rows(_ml).Schema);

        foreach (var transformer in new[] { fitted, loaded })
        {
            var rows = _ml.Data.CreateEnumerable<TokenEmbeddingPrediction>(transformer.Transform(Tiny.Rows(_ml, Texts)), reuseRowObject: false);
            foreach (var (text, row) in Texts.Zip(rows))
            {
                var states = States(model, text)[1..^1];
                Assert.Equal(states.Length, row.Tokens.Length);
                Assert.Equal(states.Length, row.Starts.Length);
                for (var token = 0; token < states.Length; token++)
                    Assert.All(states[token].Zip(row.GetVector(token).ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
            }
        }
    }

    private PretrainedModel Saved(string architecture)
    {
        var owner = ModelArchitecture.Get(architecture);
        return PretrainedModel.FromDirectory(Checkpoint.OfClass(_directory, architecture, owner.Classes.First(entry => entry.Head == ModelHead.MaskedLanguageModel).Name));
    }

    /// <summary>The hidden states of a text alone, special tokens included: [tokens][hidden].</summary>
    private static float[][] States(PretrainedModel model, string text)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var ids = model.Tokenizer.EncodeToIds(text);
        var whole = model.Tokenizer.Template.Build(ids.AsSpan(0, Math.Min(ids.Length, model.Config.MaxLength!.Value - 2))).Ids;
        var hidden = model.Network.Backbone.forward(new(tensor(whole).to(ScalarType.Int64).unsqueeze(0))).LastHiddenState;
        return [.. hidden.data<float>().ToArray().Chunk(32)];
    }
}
