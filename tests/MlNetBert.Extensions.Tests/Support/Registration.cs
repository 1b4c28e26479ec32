using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Text.Tokenizers.Models;
using Stranger.BagOfEmbeddings;
using Stranger.Characters;
using Stranger.TokenReversal;

namespace Stranger.Support;

/// <summary>What a program with extensions does first.</summary>
internal static class Registration
{
    public static void Register()
    {
        ModelArchitecture.Register(BagArchitecture.Instance);
        SubwordModel.Register(CharacterModel.Name, CharacterModel.Read);
        PretrainingTask.Register(TokenReversalTask.Instance);
    }
}
