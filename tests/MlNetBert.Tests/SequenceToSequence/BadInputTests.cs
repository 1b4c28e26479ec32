using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.SequenceToSequence;

public sealed class BadInputTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(TinyClm.Fitted);
    private readonly List<string> _log = [];

    public BadInputTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void SequenceToSequence_WithBadOptions_ListsEveryFault()
    {
        var options = new SequenceToSequenceOptions
        {
            MaxLength = 20,
            MaxTargetLength = 25,
            LabelSmoothing = 1,
            EvaluationTexts = -1,
            SourceSuffix = " ",
            Generation = new GenerationOptions { MaxNewTokens = 0, Device = "cpu", Results = 2 },
        };

        var exception = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.SequenceToSequence("P", _model, options: options));

        string[] names = ["MaxLength", "MaxTargetLength", "LabelSmoothing", "EvaluationTexts", "SourceSuffix", "Generation", "MaxNewTokens", "Results"];
        Assert.All(names, name => Assert.Contains(exception.Errors, fault => fault.StartsWith(name, StringComparison.Ordinal)));
    }

    [Fact]
    public void SequenceToSequence_OfAModelThatWritesNoTexts_NamesItsHead()
    {
        using var bert = PretrainedModel.FromTransformer(Tiny.Fitted);

        var exception = Assert.Throws<InvalidOperationException>(() => _ml.Transforms.Text.SequenceToSequence("P", bert));

        Assert.Contains("BertForMaskedLM", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithRowsThatLackSomething_CountsAndSaysThem()
    {
        Answered.Row[] rows =
        [
            .. Answered.Rows.Take(8),
            new() { Source = "the cat", Target = null },
            new() { Source = "the dog", Target = " " },
            new() { Source = "", Target = "mat cat" },
            new() { Source = "the cat", Target = "The Cat" },
            new() { Source = "the cat", Target = "the cat sits near the mat near the house" },
            new() { Source = string.Join(' ', Enumerable.Repeat("cat", 30)), Target = "cat" },
            new() { Source = "the cat", Target = "\u200D" },
        ];

        _ml.Transforms.Text.SequenceToSequence("P", _model, options: Answered.Options(1) with { Generation = new GenerationOptions { MaxNewTokens = 2 } }).Fit(_ml.Data.LoadFromEnumerable(rows)).Dispose();

        Assert.Single(_log, m => m.Contains("2 of 15 rows for training have no target", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("1 of 15 rows for training have no text", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("1 of 15 rows for training have more than 16 tokens and are cut there (MaxLength).", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("1 of 15 rows for training have a target of more than 8 tokens", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("1 of 15 rows for training have a target of which the tokenizer reads nothing", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("1 of 15 rows for training have a target that the tokenizer does not give back", StringComparison.Ordinal) && m.Contains("'The Cat' becomes 'the cat'", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("targets have more than 2 tokens", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_WithoutATarget_SaysWhatIsMissing()
    {
        var rows = _ml.Data.LoadFromEnumerable(Answered.Rows.Select(row => new Answered.Row { Source = row.Source, Target = "" }));

        var exception = Assert.Throws<InvalidDataException>(() => _ml.Transforms.Text.SequenceToSequence("P", _model).Fit(rows));

        Assert.Contains("'Target': expected rows with a target", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("targetColumnName", () => _ml.Transforms.Text.SequenceToSequence("P", _model, targetColumnName: "Other").Fit(rows));
    }

    [Fact]
    public void Fit_OfAModelWithoutAnEndToken_SaysHowToNameOne()
    {
        using var directory = new TemporaryDirectory();
        var tokenizer = SubwordTokenizer.FromVocabulary(["[UNK]", "[SEP]", "the", "cat"], new() { ClassificationToken = null, MaskToken = null, PaddingToken = null });
        using var model = PretrainedModel.FromDirectory(TinyCausal.Of(directory, tokenizer: tokenizer));
        var rows = _ml.Data.LoadFromEnumerable([new Answered.Row { Source = "the", Target = "cat" }]);

        var exception = Assert.Throws<InvalidOperationException>(() => _ml.Transforms.Text.SequenceToSequence("P", model).Fit(rows));

        Assert.Contains("eos_token_id", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_OfTextsThatAreTooLong_SaysOnceHowMany()
    {
        using var fitted = _ml.Transforms.Text.SequenceToSequence("P", _model, options: Answered.Options(1)).Fit(Answered.Load(_ml));
        var rows = _ml.Data.LoadFromEnumerable(Enumerable.Repeat(new Answered.Row { Source = string.Join(' ', Enumerable.Repeat("cat", 30)) }, 2));

        Assert.Equal(2, fitted.Transform(rows).GetColumn<string>("P.Text").Count());

        Assert.Single(_log, m => m.Contains("2 of the rows so far have more than 16 tokens; they are cut", StringComparison.Ordinal));
    }
}
