using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Text.Tokenizers.Models;
using Stranger.BagOfEmbeddings;
using Stranger.Characters;
using Stranger.TokenReversal;

namespace Stranger.Support;

/// <summary>What a program with extensions does first. As an assembly's fixture: before the first test.</summary>
public sealed class Registration
{
    /// <summary>Registers them.</summary>
    public Registration() => Register();

    internal static void Register()
    {
        ModelArchitecture.Register(BagArchitecture.Instance);
        SubwordModel.Register(CharacterModel.Name, CharacterModel.Read);
        PretrainingTask.Register(TokenReversalTask.Instance);
    }
}
