using System.Text;

namespace MlNetBert.Benchmarks;

/// <summary>Our tokenizers in turn with FastBertTokenizer and those of Microsoft.ML.Tokenizers: one thread, whole lines, processor time.</summary>
internal static class TokenizerPeers
{
    private const int Passes = 10; // over 1.26 MB: a turn of a tenth to half a second
    private const int WarmUp = 4;
    private const int RoundsPerRound = 5; // a round here is short beside one of other benchmarks

    public static void Run(Arguments arguments, string[] lines, double megabytes, string vocabulary)
    {
        var subwords = arguments.Find("golden", "subwords");
        Measure(arguments, "WikiText-2", megabytes, [.. WordPiece(lines, vocabulary), .. subwords is null ? [] : OtherModels(lines, subwords)]);
        foreach (var (script, text) in GeneratedText.All())
        {
            var rest = subwords is null ? [] : new[] { "gpt2", "llama3", "falcon", "xlmr", "llamaspm" }
                .Select(name => Ours($"{name}: ids", text, Open(subwords, name)));
            Measure(arguments, script, text.Sum(Encoding.UTF8.GetByteCount) / 1e6, [.. WordPiece(text, vocabulary), .. rest]);
        }
    }

    private static void Measure(Arguments arguments, string text, double megabytes, IReadOnlyList<(string Name, Action Encode)> peers)
    {
        var seconds = InTurn.ProcessorTime(RoundsPerRound * arguments.Rounds, Passes, WarmUp, peers.Select(peer => peer.Encode));
        var reference = Report.Median(seconds[0]);
        Report.Head($"Tokenizing {text}, {Report.Number(megabytes)} MB, one thread, medians of {seconds[0].Count} turns of {Passes} passes",
            "what", "MB per processor second", $"of {peers[0].Name}");
        for (var i = 0; i < peers.Count; i++)
        {
            Report.Row(peers[i].Name, Report.Spread([.. seconds[i].Select(value => megabytes / value)], "0.0"),
                $"{Report.Number(reference / Report.Median(seconds[i]))} ×");
        }
    }

    /// <summary>bert-base-uncased; FastBertTokenizer first, which all others are compared with.</summary>
    private static IEnumerable<(string Name, Action Encode)> WordPiece(string[] lines, string vocabulary)
    {
        var fast = new FastBertTokenizer.BertTokenizer();
        using (var reader = File.OpenText(vocabulary))
            fast.LoadVocabulary(reader, convertInputToLowercase: true);
        var longest = lines.Max(line => line.Length) + 2; // a token per character, [CLS] and [SEP]: no line is cut
        var (fastIds, fastMask) = (new long[longest], new long[longest]);
        yield return Each("FastBertTokenizer", lines, line => fast.Encode(line, fastIds, fastMask));
        var bare = Microsoft.ML.Tokenizers.BertTokenizer.Create(vocabulary);
        yield return Each("WordPiece: Microsoft.ML.Tokenizers' BertTokenizer, other ids where accents stand", lines,
            line => bare.EncodeToIds(line, addSpecialTokens: false));
        var ours = SubwordTokenizer.FromVocabularyFile(vocabulary);
        yield return Ours("WordPiece: ids", lines, ours);
        yield return Each("WordPiece: ids, offsets and masks", lines, line => ours.Encode(line));
    }

    /// <summary>Byte-level BPE, unigram and SentencePiece's BPE with vocabularies of 2,000.</summary>
    private static IEnumerable<(string Name, Action Encode)> OtherModels(string[] lines, string directory)
    {
        using var vocabulary = File.OpenRead(Path.Combine(directory, "gpt2-files", "vocab.json"));
        using var merges = File.OpenRead(Path.Combine(directory, "gpt2-files", "merges.txt"));
        var codeGen = Microsoft.ML.Tokenizers.CodeGenTokenizer.Create(vocabulary, merges);
        yield return Each("byte-level BPE (gpt2): Microsoft.ML.Tokenizers' CodeGenTokenizer", lines, line => codeGen.EncodeToIds(line));
        foreach (var name in new[] { "gpt2", "llama3", "modernbert", "falcon" })
            yield return Ours($"byte-level BPE ({name}): ids", lines, Open(directory, name));
        using var unigram = File.OpenRead(Path.Combine(directory, "xlmr", "sentencepiece.bpe.model"));
        var sentencePiece = Microsoft.ML.Tokenizers.SentencePieceTokenizer.Create(unigram, addBeginningOfSentence: false);
        yield return Each(
            "unigram (xlmr): Microsoft.ML.Tokenizers' SentencePieceTokenizer", lines, line => sentencePiece.EncodeToIds(line));
        foreach (var name in new[] { "xlmr", "t5", "unigram" })
            yield return Ours($"unigram ({name}): ids", lines, Open(directory, name));
        using var bytePair = File.OpenRead(Path.Combine(directory, "llamaspm", "tokenizer.model"));
        var llama = Microsoft.ML.Tokenizers.LlamaTokenizer.Create(bytePair, addBeginOfSentence: false);
        yield return Each(
            "SentencePiece's BPE (llamaspm): Microsoft.ML.Tokenizers' LlamaTokenizer", lines, line => llama.EncodeToIds(line));
        yield return Ours("SentencePiece's BPE (llamaspm), cut before blanks: ids", lines, Open(directory, "llamaspm"));
        yield return Ours("SentencePiece's BPE (llama2), pieces reach across blanks, a line one word: ids", lines, Open(directory, "llama2"));
    }

    private static SubwordTokenizer Open(string directory, string name) => SubwordTokenizer.FromDirectory(Path.Combine(directory, name));

    private static (string Name, Action Encode) Ours(string name, string[] lines, SubwordTokenizer tokenizer)
    {
        var ids = new List<int>();
        return Each(name, lines, line =>
        {
            ids.Clear();
            tokenizer.EncodeToIds(line, ids);
        });
    }

    private static (string Name, Action Encode) Each(string name, string[] lines, Action<string> encode)
    {
        return (name, EncodeAll);

        void EncodeAll()
        {
            foreach (var line in lines)
                encode(line);
        }
    }
}
