using MlNetBert.Models;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Cli.Tests.Support;

/// <summary>Tiny models with drawn weights, and texts for them. Made once for a test class.</summary>
public sealed class TinyModels : IDisposable
{
    internal const int Positions = 32;

    internal static readonly string[] Pieces =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "a", "the", "cat", "dog", "sat", "on", "mat", "rug", "ran", "to", "house", "big", "small", "red",
        "##s", "##ly", "is", "of", "in", "and", "it", "was", "cafe", "paris",
    ];

    private readonly string _root = Directory.CreateTempSubdirectory("mlnetbert-cli-").FullName;

    /// <summary>Makes the models.</summary>
    public TinyModels()
    {
        Bert = Make(ModelArchitecture.Bert, "bert");
        ModernBert = Make(ModelArchitecture.ModernBert, "modernbert");
        Causal = Make(ModelArchitecture.Get("llama"), "llama", ModelHead.CausalLanguageModel);
        Vocabulary = Path.Combine(Bert, "vocab.txt");
        Text = At("text.txt");
        var words = Pieces.Skip(6).Where(piece => !piece.StartsWith('#')).ToArray();
        File.WriteAllLines(Text, Enumerable.Range(0, 60).Select(i => string.Join(' ', Enumerable.Range(0, 8 + (i % 5)).Select(k => words[((i * 7) + (k * 3)) % words.Length])) + "."));
    }

    internal string Bert { get; }

    internal string ModernBert { get; }

    /// <summary>A causal model, whose texts begin with [CLS] and end with [SEP].</summary>
    internal string Causal { get; }

    internal string Vocabulary { get; }

    internal string Text { get; }

    internal string At(string name) => Path.Combine(_root, name);

    /// <summary>A copy of a directory, to be damaged.</summary>
    internal string Copy(string directory, string name)
    {
        var target = Directory.CreateDirectory(At(name)).FullName;
        foreach (var file in Directory.EnumerateFiles(directory))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Make(ModelArchitecture architecture, string name, ModelHead head = ModelHead.MaskedLanguageModel)
    {
        var directory = At(name);
        var tokenizer = SubwordTokenizer.FromVocabulary(Pieces, new WordPieceTokenizerOptions { ModelMaxLength = Positions });
        var config = architecture.CreateConfig(ModelSize.Tiny, Pieces.Length, Positions, new ModelTokenIds(0, 2, 3));
        using var model = architecture.Create(head, config, seed: 7);
        Weights.SaveDirectory(model, directory);
        tokenizer.Save(directory);
        return directory;
    }
}
