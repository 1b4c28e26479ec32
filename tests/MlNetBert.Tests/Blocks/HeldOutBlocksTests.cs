using MlNetBert.Blocks;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Tests.Blocks;

public class HeldOutBlocksTests
{
    [Fact]
    public void BeginsDocument_BlockBeforeIsInTheOtherPart_IsThatOfTheWhole()
    {
        var blocks = new BlockArray(2, 10);
        foreach (var document in new[] { 7, 7, 7, 8, 8, 8 })
            blocks.Add([1, 2], document);

        var (training, evaluation) = HeldOutBlocks.Split(blocks, 0.34);

        Assert.Equal([true, false, true, false], Enumerable.Range(0, 4).Select(i => training.BeginsDocument(i)));
        Assert.Equal([false, false], Enumerable.Range(0, 2).Select(i => evaluation.BeginsDocument(i)));
    }
}
