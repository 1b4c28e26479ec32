using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Tokenization;

public class TokenColumnTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Tokens_MappedToValues_AreThePieces()
    {
        var data = Tiny.Rows(_ml, "The cat [MASK] near", "");
        var pipeline = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer).Append(_ml.Transforms.Conversion.MapKeyToValue("Pieces", "Tokens"));

        var rows = _ml.Data.CreateEnumerable<PieceRow>(pipeline.Fit(data).Transform(data), reuseRowObject: false).ToList();

        Assert.Equal(["the", "cat", "[MASK]", "near"], rows[0].Pieces);
        Assert.Equal(rows[0].Pieces.Select(p => (uint)Tiny.Tokenizer.Vocabulary.ToList().IndexOf(p) + 1), rows[0].Tokens);
        Assert.Empty(rows[1].Pieces);
    }

    [Fact]
    public void Tokens_InNgrams_TrainAClassifier()
    {
        var data = _ml.Data.LoadFromEnumerable(SmallCorpus.Sentences.Select(s => new LabeledRow { Text = s, Label = s.Contains("cat", StringComparison.Ordinal) }));
        var pipeline = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer)
            .Append(_ml.Transforms.Text.ProduceNgrams("Features", "Tokens", ngramLength: 2))
            .Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression());

        var metrics = _ml.BinaryClassification.Evaluate(pipeline.Fit(data).Transform(data));

        Assert.Equal(1, metrics.Accuracy);
    }

    [Fact]
    public void Tokens_SavedAsBinary_KeepVocabularyAndGrouping()
    {
        using var directory = new TemporaryDirectory();
        var grouped = Tiny.Group(_ml).Fit(Tokenized).Transform(Tokenized);
        using (var stream = File.Create(directory.File("tokens.idv")))
            _ml.Data.SaveAsBinary(grouped, stream);

        var loaded = _ml.Data.LoadFromBinary(directory.File("tokens.idv"));
        var estimator = _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options());

        Assert.Equal(Tiny.Weights(estimator.Fit(grouped)), Tiny.Weights(estimator.Fit(loaded)));
    }

    [Fact]
    public void Tokens_OfAClassWithoutKeyValues_AreRefusedNamingTheRemedy()
    {
        var keys = _ml.Data.LoadFromEnumerable([new KeyRow { Tokens = [.. Enumerable.Range(6, 40).Select(i => (uint)i)] }]);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options()).Fit(keys));

        Assert.Contains("'Tokens'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("TokenizeIntoWordPieces", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_OfAnotherVocabulary_AreRefusedByACheckpoint()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var other = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat"]);
        var rows = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", other).Fit(Tokenized).Transform(Tokenized);

        var exception = Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model).Fit(rows));

        Assert.Contains("another vocabulary", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_EmptyTexts_SaysThatThereIsNoWord()
    {
        var exception = Assert.Throws<InvalidDataException>(() => Tiny.Learn(_ml).Fit(Tiny.Rows(_ml, "", "   ")));

        Assert.Contains("'Text'", exception.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Tiny.Learn(_ml).Fit(Tiny.Rows(_ml)));
    }

    [Fact]
    public void Fit_LoneSurrogate_NamesColumnAndRow()
    {
        var data = Tiny.Rows(_ml, "fine \U0001F600", "a \uD800 b");

        var exception = Assert.Throws<InvalidTextException>(() => Tiny.Learn(_ml).Fit(data));

        Assert.Contains("'Text'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("row 1", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, exception.Position);
    }

    [Fact]
    public void Transform_LoneSurrogate_NamesColumnAndRowOrIsReplaced()
    {
        var data = Tiny.Rows(_ml, "cat", "a \uDC00 cat");
        var refusing = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer).Fit(data).Transform(data);
        var options = new WordPieceTokenizingOptions { VocabularySize = 100, MinFrequency = 1, InvalidText = InvalidTextHandling.Replace };
        var replacing = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", options).Fit(data).Transform(data);

        // ML.NET's parallel cursors wrap it; PretrainMlm unwraps it.
        var read = Assert.ThrowsAny<Exception>(() => ViewReader.Read(refusing, refusing.Schema)).GetBaseException();
        Assert.Contains("row 1", Assert.IsType<InvalidTextException>(read).Message, StringComparison.Ordinal);
        var pretraining = Tiny.Group(_ml).Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options()));
        Assert.Throws<InvalidTextException>(() => pretraining.Fit(refusing));
        Assert.Equal(2, ViewReader.Read(replacing, replacing.Schema)[""].Count);
    }

    [Theory]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\ncat\n", "[MASK]")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\n\n\n[MASKS]\n", "[MASK] is missing")]
    public void VocabularyFile_ThatCannotBe_IsRefusedAtOnce(string content, string named)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("vocab.txt"), content);

        var exception = Assert.Throws<TokenizerFormatException>(
            () => _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularyFile = directory.File("vocab.txt") }));

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VocabularyFile_Whole_IsTaken()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllLines(directory.File("vocab.txt"), Tiny.Tokenizer.Vocabulary);

        var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularyFile = directory.File("vocab.txt") }).Fit(Tokenized);

        Assert.Equal(SubwordTokenizer.FromVocabulary(Tiny.Tokenizer.Vocabulary).Fingerprint, tokens.Tokenizer.Fingerprint);
    }

    [Fact]
    public void Options_ThatCannotBe_AreAllNamed()
    {
        var options = new WordPieceTokenizingOptions { VocabularySize = 5, MinFrequency = 0, AlphabetLimit = 0, VocabularyFile = "/no/such/file", InvalidText = (InvalidTextHandling)7 };

        var faults = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", options)).Errors;

        Assert.Equal(8, faults.Count);
        Assert.All(
            (string[])["VocabularySize", "MinFrequency", "AlphabetLimit"],
            name => Assert.Contains(faults, fault => fault.StartsWith(name + " must be left out with VocabularyFile", StringComparison.Ordinal)));
    }

    [Fact]
    public void Fit_WhatTheTextsDecideAndLose_IsWarnedAbout()
    {
        var log = Warnings();
        var data = Tiny.Rows(_ml, "a av\u00F3 e o av\u00F4", new string('a', 101), string.Concat(Enumerable.Range(0, 200).Select(i => (char)(0x4E00 + i))));

        var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 100 }).Fit(data);

        Assert.False(tokens.Tokenizer.StripsAccents);
        Assert.Contains(log, line => line.Contains("Accents are kept, because 2 of 205 words", StringComparison.Ordinal));
        Assert.Contains(log, line => line.Contains("1 of 206 words are longer than 100 characters", StringComparison.Ordinal));
        Assert.Contains(log, line => line.Contains("characters are left out, the rarest", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_OnlyWordsTooLong_SaysThatTheyAre()
    {
        var data = Tiny.Rows(_ml, new string('a', 101), new string('b', 300));

        var exception = Assert.Throws<InvalidDataException>(() => _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 100 }).Fit(data));

        Assert.Contains("'Text'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("words: 2): each word is longer than 100 characters", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VocabularyFile_CasedInLowerCase_IsWarnedAbout()
    {
        var log = Warnings();
        using var directory = new TemporaryDirectory();
        File.WriteAllLines(directory.File("vocab.txt"), [.. Tiny.Tokenizer.Vocabulary, "Cat", "Dog"]);

        _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularyFile = directory.File("vocab.txt") }).Fit(Tiny.Rows(_ml, "a"));

        Assert.Contains(log, line => line.Contains("2 of the vocabulary's", StringComparison.Ordinal) && line.Contains("WordPieceTokenizingOptions.LowerCase = false", StringComparison.Ordinal));
    }

    [Fact]
    public void VocabularyFile_TokenizerJson_BringsItsSettings()
    {
        using var directory = new TemporaryDirectory();
        var cased = SubwordTokenizer.FromVocabulary(Tiny.Tokenizer.Vocabulary, new() { LowerCase = false, ComposeAccents = true });
        cased.Save(directory.Path);
        var options = new WordPieceTokenizingOptions { VocabularyFile = directory.File("tokenizer.json") };

        Assert.Equal(cased.Fingerprint, _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", options).Fit(Tiny.Rows(_ml, "a")).Tokenizer.Fingerprint);
        var contradicting = new WordPieceTokenizingOptions { VocabularyFile = directory.File("tokenizer.json"), LowerCase = false, StripAccents = true };
        Assert.Equal(2, Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", contradicting)).Errors.Count);
    }

    private List<string> Warnings()
    {
        var log = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                log.Add(e.Message);
        };
        return log;
    }

    private IDataView Tokenized => _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer).Fit(SmallCorpus.Load(_ml)).Transform(SmallCorpus.Load(_ml));

    private sealed class LabeledRow
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }

    private sealed class PieceRow
    {
        public string[] Pieces { get; set; } = [];

        public uint[] Tokens { get; set; } = [];
    }

    private sealed class KeyRow
    {
        [KeyType(50)]
        public uint[] Tokens { get; set; } = [];
    }
}
