using MlNetBert.Conversion;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Bert;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Inference;

/// <summary>A model with a tokenizer of each kind that people have: saved, converted, zipped and trained on, it is the same tokenizer again.</summary>
public sealed class SavedTokenizersTests : IDisposable
{
    private static readonly string[] Texts =
        ["The cat isn't on the mat 123.", "  zwei  Wörter\n", "ﬁne 𠮷 😀 déjà vu", "xyz<mask>[MASK]</s>"];

    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Tokenizers =>
    [
        "albert", "albert-files", "debertav2", "debertav2-files", "falcon", "gpt2", "gpt2-strings", "llama2", "llama3", "llamaspm",
        "modernbert", "roberta", "t5", "unigram", "unigram-bytes", "xlmr", "xlmr-files", "xlnet", "xlnet-files",
    ];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Model_WithATokenizerOfItsOwn_IsTheSameWhereverItIsSaved(string name)
    {
        var stop = TestContext.Current.CancellationToken;
        var golden = SharedFiles.Find("golden", "subwords", name);
        var tokenizer = SubwordTokenizer.FromDirectory(golden);
        var path = _directory.File("model");
        var types = Math.Max(2, tokenizer.Template.MaxTypeId + 1);
        var config = new BertConfig
        {
            VocabularySize = tokenizer.Vocabulary.Count,
            HiddenSize = 4,
            LayerCount = 1,
            HeadCount = 1,
            IntermediateSize = 4,
            MaxPositions = 32,
            TokenTypes = types,
        };
        if (types > 2)
            Assert.Throws<InvalidOptionsException>(() => PretrainedModel.Create(config with { TokenTypes = 2 }, tokenizer));
        using (var drawn = PretrainedModel.Create(config, tokenizer, seed: 1))
            drawn.Save(path);
        foreach (var file in Directory.EnumerateFiles(path)
            .Where(file => Path.GetFileName(file) is not (ModelFiles.Config or ModelFiles.Weights)))
            File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(golden).Where(file => Path.GetFileName(file) != ModelFiles.Config))
            File.Copy(file, Path.Combine(path, Path.GetFileName(file)));
        string[] expected = [.. Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

        using var source = ModelSource.Resolve(path);
        using (var model = source.Open(cancellationToken: stop))
        {
            model.Save(_directory.File("saved"));
            Check(model.Tokenizer, tokenizer, path);
        }

        ModelConversion.Convert(source, _directory.File("converted"), cancellationToken: stop);
        if (tokenizer.SpecialTokens.PaddingTokenId is not null)
            ModelConversion.Convert(source, _directory.File("model.zip"), cancellationToken: stop);
        else
            Assert.Throws<InvalidOperationException>(
                () => ModelConversion.Convert(source, _directory.File("model.zip"), cancellationToken: stop));
        tokenizer.Save(Directory.CreateDirectory(_directory.File("written")).FullName);

        Check(SubwordTokenizer.FromDirectory(_directory.File("written")), tokenizer, "written");
        foreach (var saved in (string[])["saved", "converted", "model.zip"])
        {
            if (!Path.Exists(_directory.File(saved)))
                continue;
            using var again = ModelSource.Resolve(_directory.File(saved));
            Check(again.OpenTokenizer(cancellationToken: stop), tokenizer, saved);
            var files = again.GetDirectory(stop);
            Assert.Equal(expected, Directory.EnumerateFiles(files).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
            Assert.All(expected, file =>
                Assert.Equal(File.ReadAllBytes(Path.Combine(path, file)), File.ReadAllBytes(Path.Combine(files, file))));
        }
    }

    private static void Check(SubwordTokenizer found, SubwordTokenizer expected, string place)
    {
        Assert.True(found.Fingerprint == expected.Fingerprint, $"{place}: another fingerprint.");
        foreach (var text in Texts)
            Assert.Equal(expected.Encode(text).Ids, found.Encode(text).Ids);
    }
}
