using MlNetBert.Tests.Common;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Tests.Support;
using TorchSharp;

namespace MlNetBert.Training.Tests.Loop;

public sealed class ThreadCountTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ThreadCount _one = new(1);

    public void Dispose()
    {
        _one.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void For_NumberInTheOptions_IsTakenWithoutAWord()
    {
        Record(step: 5, threads: "3");

        using var threads = ThreadCount.For(new TestOptions { Threads = 2, CheckpointDirectory = _directory.Path }, measures: true);

        Assert.Equal((2, null), (torch.get_num_threads(), threads.Note));
    }

    [Fact]
    public void For_RunThatGoesOn_TakesWhatItsNewestReadableCheckpointRecords()
    {
        Record(step: 5, threads: "2");
        Record(step: 7, threads: "3");
        Record(step: 9, threads: null);

        using (var threads = ThreadCount.For(new TestOptions { CheckpointDirectory = _directory.Path }, measures: true))
            Assert.Equal((3, "Computing with 3 threads, as the run did before."), (torch.get_num_threads(), threads.Note));

        Assert.Equal(1, torch.get_num_threads());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void For_NewRun_DoesNotAskCheckpoints(bool measures)
    {
        Record(step: 5, threads: "3");

        using var threads = ThreadCount.For(new TestOptions { CheckpointDirectory = _directory.Path, Resume = false }, measures);

        Assert.Equal(measures, threads.Note is not null);
        Assert.NotEqual("Computing with 3 threads, as the run did before.", threads.Note);
    }

    [Fact]
    public void For_TwiceInAProcess_GivesTheSame()
    {
        string? Note()
        {
            using var threads = ThreadCount.For(new TestOptions(), measures: true);
            return threads.Note + torch.get_num_threads();
        }

        Assert.Equal(Note(), Note());
    }

    // A checkpoint of which there is nothing but its run's description, or not even that.
    private void Record(long step, string? threads)
    {
        var path = new CheckpointStore(_directory.Path).PathOf(step);
        Directory.CreateDirectory(path);
        if (threads is not null)
            new RunDescription([new(RunSettings.Threads, threads)]).Save(path);
    }
}
