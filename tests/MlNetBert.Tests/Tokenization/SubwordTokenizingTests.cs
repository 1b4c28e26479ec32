using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Tokenization;

/// <summary>Vocabularies of every kind in pipelines and in runs from files.</summary>
public class SubwordTokenizingTests
{
    private readonly MLContext _ml = new(seed: 5);

    public static TheoryData<SubwordModelType> Models => [.. Enum.GetValues<SubwordModelType>()];

    [Theory]
    [MemberData(nameof(Models))]
    public void TokenizeIntoSubwords_SavedAndLoaded_GivesTheSameTokens(SubwordModelType model)
    {
        var rows = SmallCorpus.Load(_ml);
        var fitted = Tokens(model).Fit(rows);
        var loaded = Tiny.Reload<SubwordTokenizingTransformer>(_ml, fitted, rows.Schema);

        Assert.Equal(NameOf(model), fitted.Tokenizer.ModelType);
        Assert.Equal(fitted.Tokenizer.Fingerprint, loaded.Tokenizer.Fingerprint);
        Assert.Equal(fitted.Transform(rows).GetColumn<uint[]>("Tokens"), loaded.Transform(rows).GetColumn<uint[]>("Tokens"));
        var column = loaded.Transform(rows).Schema["Tokens"];
        Assert.Equal(fitted.Tokenizer.Fingerprint, MlNetBert.Tokenization.TokenColumn.RequireTokenizer(column).Fingerprint);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void TokenizeIntoSubwords_GroupedAndPretrained_FillsMasks(SubwordModelType model)
    {
        var rows = SmallCorpus.Load(_ml);
        var pipeline = Tokens(model).Append(Tiny.Group(_ml))
            .Append(_ml.Transforms.Text.PretrainMlm(
                "Prediction", "Tokens", Tiny.Options(steps: 4) with { Config = null, Architecture = "modernbert", Size = "tiny" }));
        using var fitted = pipeline.Fit(rows);

        var tokenizer = fitted.LastTransformer.Model.Tokenizer;
        var mask = tokenizer.Vocabulary[tokenizer.SpecialTokens.MaskTokenId!.Value];
        var filled = Assert.Single(Tiny.Fill(_ml, fitted, $"the {mask} sat"));
        Assert.NotEmpty(filled.Tokens);
        using var loaded = Tiny.Reload<TransformerChain<ITransformer>>(_ml, fitted, rows.Schema);
        var again = Assert.Single(Tiny.Fill(_ml, loaded, $"the {mask} sat"));
        Assert.Equal(filled.Tokens, again.Tokens);
        Assert.Equal(filled.Scores, again.Scores);
    }

    [Theory]
    [InlineData(SubwordModelType.BytePair)]
    [InlineData(SubwordModelType.Unigram)]
    public void CorpusPretraining_VocabularyOfAnyKind_IsLearnedOnceAndResumed(SubwordModelType model)
    {
        using var directory = new TemporaryDirectory();
        var text = directory.File("text.txt");
        File.WriteAllLines(text, SmallCorpus.Load(_ml).GetColumn<string>("Text"));
        var options = new CorpusPretrainingOptions
        {
            TrainingFiles = [text],
            OutputDirectory = directory.File("run"),
            Vocabulary = Options(model),
            Blocks = new BlockOptions { BlockLength = Tiny.BlockLength },
            Training = Tiny.Options(steps: 3) with { Config = null, Architecture = "modernbert", Size = "tiny" },
        };
        string fingerprint;
        using (var first = new CorpusPretraining(options).Run(cancellationToken: TestContext.Current.CancellationToken))
            fingerprint = first.Model.Tokenizer.Fingerprint;

        using var model1 = PretrainedModel.FromDirectory(directory.File("run"));
        Assert.Equal(fingerprint, model1.Tokenizer.Fingerprint);
        Assert.Equal(NameOf(model), model1.Tokenizer.ModelType);
        var messages = new MessageList();
        using var resumed =
            new CorpusPretraining(options with { Resume = true }).Run(messages, TestContext.Current.CancellationToken);
        Assert.Equal(fingerprint, resumed.Model.Tokenizer.Fingerprint);
        Assert.DoesNotContain(messages, message => message.StartsWith("Learning a vocabulary", StringComparison.Ordinal));
        var other = options with { Resume = true, Vocabulary = Options(SubwordModelType.WordPiece) };
        Assert.Contains(
            "vocabulary",
            Assert.ThrowsAny<Exception>(
                () => new CorpusPretraining(other).Run(cancellationToken: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ContinuesWord_OfLearnedTokenizers_IsWhereNoBlankIsBefore(SubwordModelType model)
    {
        var tokenizer = Tokens(model).Fit(SmallCorpus.Load(_ml)).Tokenizer;
        const string Text = "The catfish mouses nearest fieldhouse riverbird";
        var encoding = tokenizer.Encode(Text);
        var continued = 0;
        for (var i = 2; i < encoding.Count - 1; i++)
        {
            var start = encoding.Offsets[i].Start;
            // A mark that is a piece by itself belongs to the word behind it.
            var isInside = encoding.Tokens[i - 1] is "Ġ" or "▁" || (start > 0 && Text[start - 1] != ' ' && Text[start] != ' ');
            Assert.True(isInside == tokenizer.ContinuesWord(encoding.Ids[i], encoding.Ids[i - 1]),
                $"'{encoding.Tokens[i]}' behind '{encoding.Tokens[i - 1]}'");
            continued += isInside ? 1 : 0;
        }

        Assert.True(continued > 0);
    }

    [Fact]
    public void TokenizeIntoSubwords_GivenTokenizerOrModel_TakesIt()
    {
        var tokenizer = Tokens(SubwordModelType.BytePair).Fit(SmallCorpus.Load(_ml)).Tokenizer;
        var rows = Tiny.Rows(_ml, "the cat");
        Assert.Same(tokenizer, _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", tokenizer).Fit(rows).Tokenizer);
        Assert.Same(Tiny.Tokenizer,
            _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", Tiny.Fitted.LastTransformer.Model).Fit(rows).Tokenizer);
        Assert.Throws<ArgumentNullException>(
            () => _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", (SubwordTokenizingOptions)null!));
    }

    [Fact]
    public void TokenizeIntoSubwords_DirectoryWithATokenizer_BringsItsKind()
    {
        using var directory = new TemporaryDirectory();
        var learned = Tokens(SubwordModelType.Unigram).Fit(SmallCorpus.Load(_ml)).Tokenizer;
        learned.Save(directory.Path);
        var options = new SubwordTokenizingOptions { VocabularyFile = directory.Path };
        Assert.Equal(
            learned.Fingerprint,
            _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", options).Fit(Tiny.Rows(_ml, "a")).Tokenizer.Fingerprint);

        var contradicting = options with
        {
            Model = SubwordModelType.Unigram,
            SpecialTokens = ["<a>"],
            LowerCase = true,
            StripAccents = false,
            MinFrequency = 2,
        };
        Assert.Equal(
            5, Assert.Throws<InvalidOptionsException>(
                () => _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", contradicting)).Errors.Count);
    }

    [Fact]
    public void Options_OfAnyKind_SayTheSameOfCaseAccentsAndSpecialTokens()
    {
        var rows = Tiny.Rows(_ml, [.. Enumerable.Repeat("CAFÉ Café <x> café", 40)]);
        foreach (var model in Enum.GetValues<SubwordModelType>())
        {
            SubwordTokenizer Learn(bool? lower, bool? strip) => _ml.Transforms.Text
                .TokenizeIntoSubwords(
                    "Tokens", "Text", Options(model) with { LowerCase = lower, StripAccents = strip, SpecialTokens = ["<x>"] })
                        .Fit(rows).Tokenizer;
            Assert.Equal(model == SubwordModelType.WordPiece, Learn(null, null).LowersCase);
            foreach (var (lower, strip) in new[] { (true, true), (true, false), (false, false), (false, true) })
            {
                var tokenizer = Learn(lower, strip);
                Assert.Equal((lower, strip), (tokenizer.LowersCase, tokenizer.StripsAccents));
                Assert.Equal(lower, tokenizer.EncodeToIds("CAFÉ").SequenceEqual(tokenizer.EncodeToIds("café")));
                Assert.Equal(strip, tokenizer.EncodeToIds("café").SequenceEqual(tokenizer.EncodeToIds("cafe")));
                Assert.Equal("<x>", tokenizer.Vocabulary[5]);
            }
        }
    }

    [Fact]
    public void Options_ThatNoTrainerTakes_AreNamedBeforeAnyTextIsRead()
    {
        Assert.Contains("261 pieces", Fault(Options(SubwordModelType.BytePair) with { VocabularySize = 200 }), StringComparison.Ordinal);
        Assert.Contains("<mask>", Fault(Options(SubwordModelType.Unigram) with { SpecialTokens = ["<mask>"] }), StringComparison.Ordinal);
        Assert.Contains("[MASK]", Fault(Options(SubwordModelType.WordPiece) with { SpecialTokens = ["[MASK]"] }), StringComparison.Ordinal);
        Assert.Contains("Model must be one of", Fault(new() { Model = (SubwordModelType)9 }), StringComparison.Ordinal);
    }

    private string Fault(SubwordTokenizingOptions options)
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", options));
        Assert.Contains(nameof(SubwordTokenizingOptions), exception.Message, StringComparison.Ordinal);
        return exception.Message;
    }

    private SubwordTokenizingEstimator Tokens(SubwordModelType model) =>
        _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", Options(model));

    private static SubwordTokenizingOptions Options(SubwordModelType model) => new() { Model = model, VocabularySize = 300 };

    private static string NameOf(SubwordModelType model) => model == SubwordModelType.BytePair ? "BPE" : $"{model}";
}
