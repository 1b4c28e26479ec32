using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Text.Tests.Tokenizers.Models;

public sealed class WordSpellerTests
{
    [Fact]
    public void New_BeforeAnyWord_TakesNoMemoryForCaches()
    {
        SubwordModel model = BytePairTokenizers.Model(["a"], []);
        _ = new WordSpeller(model);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var speller = new WordSpeller(model);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
        Assert.Equal([0], speller.Spell("a").Ids);
        Assert.Equal([0, 0], speller.Spell("aa").Ids);
    }
}
