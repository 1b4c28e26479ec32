using System.CommandLine;

namespace MlNetBert.Cli.Parsing;

/// <summary>How documents become blocks, with the names of <see cref="BlockOptions"/>.</summary>
internal sealed class BlockArguments
{
    private readonly Option<int?> _blockLength = Inputs.BlockLength("Tokens per block. Default: 128.", least: 1);

    private readonly Option<string?> _packing = new Option<string?>("--packing")
    {
        Description = "How documents are packed into blocks: joined and cut, joined without their special tokens and cut, or apart.",
        DefaultValueFactory = _ => "concatenate-documents",
    }.OneOf(["concatenate-documents", "concatenate-blocks", "one-document-per-block"], "wrap-documents", "wrap-blocks", "keep-apart")
        .Formerly("--join");

    private readonly Option<string?> _remainder = new Option<string?>("--remainder")
    {
        Description = "What becomes of the last tokens that do not fill a block. Default: drop; with one-document-per-block always pad.",
    }.OneOf(["drop", "pad"]);

    private readonly EarlierOption<bool> _keepRemainder;

    public BlockArguments() => _keepRemainder = new EarlierOption<bool>("--keep-remainder", _remainder);

    /// <summary>The options.</summary>
    public Option[] All => [_blockLength, _packing, _remainder, _keepRemainder];

    /// <summary>How the documents of a run are packed.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="baseModel">The model that it starts from, whose positions are the limit; null for a new one.</param>
    public BlockOptions Of(ParseResult arguments, PretrainedModel? baseModel)
    {
        var length = new BlockOptions().BlockLength;
        return new BlockOptions
        {
            BlockLength = arguments.GetValue(_blockLength) ?? Math.Min(length, baseModel?.Config.LongestSequence ?? length),
            Packing = arguments.GetValue(_packing) switch
            {
                "concatenate-blocks" or "wrap-blocks" => BlockPacking.ConcatenateBlocks,
                "one-document-per-block" or "keep-apart" => BlockPacking.OneDocumentPerBlock,
                _ => BlockPacking.ConcatenateDocuments,
            },
            Remainder = arguments.GetValue(_remainder) switch
            {
                "drop" => RemainderHandling.Drop,
                "pad" => RemainderHandling.Pad,
                _ => arguments.GetValue(_keepRemainder) ? RemainderHandling.Pad : null,
            },
        };
    }
}
