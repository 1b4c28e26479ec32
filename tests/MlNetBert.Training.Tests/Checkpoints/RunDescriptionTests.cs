using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Training.Tests.Checkpoints;

public class RunDescriptionTests
{
    [Theory]
    [InlineData("schedule", "OneCycle", "Triangular")]
    [InlineData("starts from", "nothing", "scratch")]
    [InlineData("objective", "masked language modelling", "masked language modeling")]
    [InlineData("objective", "masked language modelling and next sentence prediction", "masked language modeling and next sentence prediction")]
    [InlineData("objective", "masked language modelling and sentence order prediction", "masked language modeling and sentence order prediction")]
    public void Load_ValueThatWasCalledOtherwise_IsWhatItIsCalledNow(string name, string then, string now)
    {
        var directory = Directory.CreateTempSubdirectory("mlnetbert-description-").FullName;
        try
        {
            new RunDescription([new(name, then)]).Save(directory);

            Assert.Empty(new RunDescription([new(name, now)]).DifferencesFrom(RunDescription.Load(directory)));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
