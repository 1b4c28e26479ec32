using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives;

/// <summary>
/// Blocks, their lengths and masks, and the fingerprints that a resumed run compares, recorded when blocks were padded and token stores
/// were of version 1.
/// </summary>
public class BlockDigestTests
{
    private const int Words = 40;

    [Theory]
    [InlineData(BlockPacking.ConcatenateDocuments, RemainderHandling.Drop, 0, "e6da81e408c8342c 4233082bf7fb2956 55c3f88fdd58424d")]
    [InlineData(BlockPacking.ConcatenateDocuments, RemainderHandling.Pad, 0, "b7448a34474c606b c49f77c3668a2ab5 99e612ef9c8a014f")]
    [InlineData(BlockPacking.ConcatenateBlocks, RemainderHandling.Drop, 0, "60a61a3ec5b3fbc2 f11ae3ff9805eee7 eca81239667e9aa9")]
    [InlineData(BlockPacking.ConcatenateBlocks, RemainderHandling.Pad, 0, "60a61a3ec5b3fbc2 f11ae3ff9805eee7 eca81239667e9aa9")]
    [InlineData(BlockPacking.OneDocumentPerBlock, null, 0, "aac0bbe5b4ecc78a 714bb126281cdee8 12b96d039dc2fa02")]
    [InlineData(BlockPacking.ConcatenateDocuments, RemainderHandling.Pad, 4, "ae923dc9296f5909 2db5a69e9440189a 411b4ce829c25b2d")]
    [InlineData(BlockPacking.OneDocumentPerBlock, null, 4, "8de995b8d14e8979 e8a95987b95a021a 25489bf452814f99")]
    public void Prepare_BlocksOfTexts_AreWhatTheyWere(BlockPacking join, RemainderHandling? remainder, int padding, string expected)
    {
        using var directory = new TemporaryDirectory();
        var tokenizer = Tokenizer(padding);
        var options = new BlockOptions { BlockLength = 16, Packing = join, Remainder = remainder };
        using var store = new TokenStoreBuilder(tokenizer, options, threads: 2).Build(
            Path.Combine(directory.Path, "store"), Documents(), "data", cancellationToken: TestContext.Current.CancellationToken);
        var array = new BlockArray(16, tokenizer.Vocabulary.Count, padding);
        var grouper = new BlockGrouper(options, tokenizer, array.Add);
        foreach (var document in Documents())
            grouper.Add(tokenizer.EncodeToIds(document));
        grouper.Complete();

        var found = $"{Digest(store, tokenizer)} {Short(store.Fingerprint)} {Short(array.Fingerprint)}";
        Assert.Equal(Digest(store, tokenizer), Digest(array, tokenizer));
        Assert.True(expected == found, $"{join} {remainder} {padding}: expected {expected}, found {found}.");
    }

    private static string Digest(IBlockSource blocks, SubwordTokenizer tokenizer)
    {
        using var model = TinyMlm.Model(Words);
        var objective = new MlmObjective(model, blocks, new TokenMasking(tokenizer, seed: 11));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var epoch = 0; epoch < 2; epoch++)
        {
            foreach (var examples in Enumerable.Range(0, (int)blocks.Count).Select(i => (long)i).Chunk(7))
            {
                var batch = (CorruptedBatch)objective.Prepare(examples, new TrainingPosition(epoch));
                foreach (var values in (int[][])[batch.InputIds, batch.Lengths ?? [], batch.Positions, batch.Labels])
                    hash.AppendData(MemoryMarshal.AsBytes<int>(values));
                hash.AppendData(Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"{batch.Rows} {batch.Length} {batch.Lengths is null} {batch.TargetCounts[0]} {batch.Tokens}\n")));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static string Short(string fingerprint) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)))[..16];

    private static SubwordTokenizer Tokenizer(int padding)
    {
        List<string> pieces = ["[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        pieces.Insert(padding, "[PAD]");
        return BertWordPieceTokenizer.FromVocabulary([.. pieces, .. Enumerable.Range(0, Words).Select(i => "w" + i)]);
    }

    /// <summary>Documents of 0 to 36 words, a word of seven unknown.</summary>
    private static IEnumerable<string> Documents() => Enumerable.Range(0, 200).Select(document => string.Join(
        ' ', Enumerable.Range(0, document * 17 % 37).Select(word => word % 7 == 6 ? "unknown" : "w" + (((document * 131) + (word * 17)) % Words))));
}
