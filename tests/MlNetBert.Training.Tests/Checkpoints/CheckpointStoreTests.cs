using System.Text;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Training.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private CheckpointStore Store => new(_directory.Path);

    [Fact]
    public void FindNewest_WholeCheckpoints_TakesTheHighestStep()
    {
        Write(8, 9, 10);
        Directory.CreateDirectory(_directory.File("step-99x"));

        Assert.Equal([10, 9, 8], Store.Steps);
        Assert.Equal(Store.PathOf(10), Store.FindNewest());
    }

    [Theory]
    [InlineData("truncated", "has 3 bytes, not 7")]
    [InlineData("flipped", "another SHA-256")]
    [InlineData("missing", "weights.bin is missing")]
    [InlineData("no manifest", "has no manifest.json")]
    [InlineData("empty manifest", "lists no file")]
    [InlineData("manifest of nulls", "lists something that is no file")]
    [InlineData("half a manifest", "cannot be read")]
    public void FindNewest_DamagedNewest_IsSkippedWithTheReason(string damage, string expected)
    {
        Write(1, 2);
        var file = Path.Combine(Store.PathOf(2), "weights.bin");
        var manifest = Path.Combine(Store.PathOf(2), "manifest.json");
        switch (damage)
        {
            case "truncated": File.WriteAllText(file, "wei"); break;
            case "flipped": File.WriteAllText(file, "weighT2"); break;
            case "missing": File.Delete(file); break;
            case "no manifest": File.Delete(manifest); break;
            case "empty manifest": File.WriteAllText(manifest, "[]"); break;
            case "manifest of nulls": File.WriteAllText(manifest, "[null]"); break;
            case "half a manifest": File.WriteAllText(manifest, File.ReadAllText(manifest)[..20]); break;
        }

        var skipped = new List<string>();

        Assert.Equal(Store.PathOf(1), Store.FindNewest(skipped.Add));
        var message = Assert.Single(skipped);
        Assert.Contains("step-2", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void FindNewest_AnyBitOfTheManifestFlipped_NeverTakesItForWholeWithOtherContentNorThrows()
    {
        Write(1);
        var path = Path.Combine(Store.PathOf(1), "manifest.json");
        var whole = File.ReadAllBytes(path);
        for (var i = 0; i < whole.Length; i++)
        {
            var flipped = whole.ToArray();
            flipped[i] ^= 1 << 2;
            File.WriteAllBytes(path, flipped);
            Assert.True(Store.FindNewest() is null, $"byte {i}: {Encoding.UTF8.GetString(flipped)}");
        }
    }

    [Fact]
    public void Prune_Keep_DeletesTheOldestAndKeepsTheBest()
    {
        Write(1, 2, 3, 4, 5);

        Store.Prune(2, newest: 5, best: 2);

        Assert.Equal([5, 4, 2], Store.Steps);
    }

    [Fact]
    public void Prune_DamagedOneOfALaterStep_KeepsTheNewWholeOne()
    {
        Write(10, 20, 25);
        File.Delete(Path.Combine(Store.PathOf(25), "manifest.json"));
        Write(22);

        Store.Prune(1, newest: 22);

        Assert.Equal(Store.PathOf(22), Store.FindNewest());
        Assert.Equal([22], Store.Steps);
    }

    [Fact]
    public void Prune_DirectoryThatIsNoCheckpoint_IsNotTouched()
    {
        Write(1, 2);
        Directory.CreateDirectory(_directory.File("step-7"));
        File.WriteAllText(_directory.File("step-7/diary.txt"), "mine");

        Store.Prune(1, newest: 2);

        Assert.Equal([7, 2], Store.Steps);
        Assert.Contains("is none", Assert.Throws<CheckpointException>(() => Store.Write(7, _ => { })).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_directory.File("step-7/diary.txt")));
    }

    [Fact]
    public void FindToGoOnFrom_DamagedNewest_GoesOnFromTheOneBefore()
    {
        Write(1, 2);
        File.WriteAllText(Path.Combine(Store.PathOf(2), "weights.bin"), "weighT2");
        var skipped = new List<string>();

        Assert.Equal(Store.PathOf(1), Store.FindToGoOnFrom(skipped.Add));
        Assert.Contains("another SHA-256", Assert.Single(skipped), StringComparison.Ordinal);
        Assert.Null(new CheckpointStore(_directory.File("empty")).FindToGoOnFrom(skipped.Add));
    }

    [Fact]
    public void FindToGoOnFrom_NoneWhole_IsRefusedWithEachReasonAndDeletesNothing()
    {
        Write(1, 2);
        File.WriteAllText(Path.Combine(Store.PathOf(1), "weights.bin"), "wei");
        File.Delete(Path.Combine(Store.PathOf(2), "weights.bin"));

        var message = Assert.Throws<CheckpointException>(() => Store.FindToGoOnFrom(_ => { })).Message;

        Assert.All(["none among 2", "step-1: its file weights.bin has 3 bytes, not 7", "step-2: its file weights.bin is missing", "Nothing was changed"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Equal([2, 1], Store.Steps);
    }

    [Fact]
    public void FindToGoOnFrom_NewestCannotBeRead_IsRefusedThoughAnOlderOneIsWhole()
    {
        Write(1, 2);
        // A file that another holds for itself can be read again later, as one whose permissions are mended.
        using (new FileStream(Path.Combine(Store.PathOf(2), "weights.bin"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            var message = Assert.Throws<CheckpointException>(() => Store.FindToGoOnFrom(_ => { })).Message;
            Assert.All(["step-2: it cannot be read", "to go on from step-1", "Nothing was changed"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        }

        Assert.Equal(Store.PathOf(2), Store.FindToGoOnFrom(_ => { }));
    }

    [Fact]
    public void Write_DiskFull_LeavesTheEarlierOnesAndSaysSo()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "No /dev/full here.");
        Write(1);

        var exception = Assert.Throws<IOException>(() => Store.Write(2, directory =>
        {
            File.WriteAllText(Path.Combine(directory, "weights.bin"), "half");
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
            full.Write(new byte[1 << 16]);
            full.Flush();
        }));

        Assert.Contains("step-2", exception.Message, StringComparison.Ordinal);
        Assert.Contains("space", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["step-1"], Directory.EnumerateFileSystemEntries(_directory.Path).Select(Path.GetFileName));
        Assert.Equal(Store.PathOf(1), Store.FindNewest());
    }

    [Fact]
    public void Tidy_LeftoversOfAKilledRun_AreTakenAwayAndNothingElse()
    {
        Write(1, 2);
        Directory.CreateDirectory(_directory.File(".mlnetbert-0123.tmp/trainer"));
        File.WriteAllText(_directory.File(".mlnetbert-4567.tmp"), "half");
        File.WriteAllText(_directory.File(".mlnetbert-write-test-1"), "");
        File.WriteAllText(_directory.File("notes.txt"), "mine");

        Store.Tidy();

        Assert.Equal(["notes.txt", "step-1", "step-2"], Directory.EnumerateFileSystemEntries(_directory.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Tidy_KilledBetweenTwoRenames_BringsTheOldOneBack()
    {
        Write(1, 2);
        Directory.Move(Store.PathOf(2), _directory.File(".mlnetbert-previous-step-2"));

        Store.Tidy();

        Assert.Equal(Store.PathOf(2), Store.FindNewest());
    }

    [Fact]
    public void CheckWritable_AFile_SaysSo()
    {
        File.WriteAllText(_directory.File("run"), "");

        var exception = Assert.Throws<CheckpointException>(() => new CheckpointStore(_directory.File("run")).CheckWritable());

        Assert.Equal(_directory.File("run"), exception.FilePath);
    }

    [Fact]
    public void CheckWritable_ReadOnly_SaysSo()
    {
        Assert.SkipUnless(Directory.Exists("/sys/kernel"), "No file system here that even the administrator cannot write to.");

        var exception = Assert.Throws<CheckpointException>(() => new CheckpointStore("/sys/mlnetbert-run").CheckWritable());

        Assert.Contains("Choose another directory", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private void Write(params long[] steps)
    {
        foreach (var step in steps)
        {
            Store.Write(step, directory =>
            {
                File.WriteAllText(Path.Combine(directory, "weights.bin"), "weight" + (step % 10));
                Directory.CreateDirectory(Path.Combine(directory, "trainer"));
                File.WriteAllText(Path.Combine(directory, "trainer", "state.json"), "{}");
            });
        }
    }
}
