using System.Runtime.CompilerServices;
using MlNetBert;
using MlNetBert.Cli;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Training.Objectives;
using Stranger.BagOfEmbeddings;
using Stranger.Characters;
using Stranger.TokenReversal;

namespace Stranger;

/// <summary>The three registries: a name once, from whatever thread.</summary>
public class RegistryTests
{
    private const int Threads = 16;

    [Fact]
    public void Assemblies_OfTheLibraries_ShowThisOneNothingInternal()
    {
        Type[] types = [typeof(ModelDirectory), typeof(SubwordTokenizer), typeof(ModelArchitecture), typeof(Objective), typeof(PretrainingTask), typeof(MlNetBertTool)];
        var own = typeof(RegistryTests).Assembly.GetName().Name!;
        foreach (var type in types)
        {
            var friends = type.Assembly.GetCustomAttributes(typeof(InternalsVisibleToAttribute), inherit: false).Cast<InternalsVisibleToAttribute>().Select(friend => friend.AssemblyName);
            Assert.DoesNotContain(own, friends);
        }
    }

    [Fact]
    public void Register_AnArchitectureOfANameThatIsThere_IsRefused()
    {
        Assert.Contains("'bag'", Assert.Throws<ArgumentException>(() => ModelArchitecture.Register(BagArchitecture.Instance)).Message, StringComparison.Ordinal);
        Assert.Contains("'bert'", Assert.Throws<ArgumentException>(() => ModelArchitecture.Register(ModelArchitecture.Bert)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Register_ANewNameFromManyThreads_IsTakenOnce()
    {
        AssertTakenOnce(() => ModelArchitecture.Register(BagArchitecture.Named("raced-bag")));
        AssertTakenOnce(() => SubwordModel.Register("RacedCharacters", CharacterModel.Read));
        AssertTakenOnce(() => PretrainingTask.Register(TokenReversalTask.Named("raced-reversal")));

        Assert.Single(ModelArchitecture.All, architecture => architecture.ModelType == "raced-bag");
        Assert.Single(PretrainingTask.All, task => task.Name == "raced-reversal");
    }

    private static void AssertTakenOnce(Action register)
    {
        var taken = 0;
        var refused = 0;
        using var start = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                register();
                Interlocked.Increment(ref taken);
            }
            catch (ArgumentException)
            {
                Interlocked.Increment(ref refused);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal((1, Threads - 1), (taken, refused));
    }
}
