namespace MlNetBert.Benchmarks;

/// <summary>Our tokenizers in turn with FastBertTokenizer and those of Microsoft.ML.Tokenizers: one thread, whole lines, processor time.</summary>
internal static class TokenizerPeers
{
    private const int Passes = 10; // over 1.26 MB: a turn of a tenth to half a second
    private const int WarmUp = 4;
    private const int RoundsPerRound = 5; // a round here is short beside one of other benchmarks

    public static void Run(Arguments arguments, string[] lines, double megabytes, string vocabulary)
    {
        List<(string Name, Action Encode)> peers = [.. WordPiece(lines, vocabulary)];
        var seconds = InTurn.ProcessorTime(RoundsPerRound * arguments.Rounds, Passes, WarmUp, peers.Select(peer => peer.Encode));
        var reference = Report.Median(seconds[0]);
        Report.Head($"Tokenizing WikiText-2, {Report.Number(megabytes)} MB, one thread, medians of {seconds[0].Count} turns of {Passes} passes",
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

    private static (string Name, Action Encode) Ours(string name, string[] lines, SubwordTokenizer tokenizer)
    {
        var ids = new List<int>();
        return Each(name, lines, line =>
        {
            ids.Clear();
            tokenizer.EncodeToIds(line, ids);
        });
    }

    private static (string Name, Action Encode) Each(string name, string[] lines, Action<string> encode) => (name, () =>
    {
        foreach (var line in lines)
            encode(line);
    });
}
