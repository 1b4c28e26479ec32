namespace MlNetBert.Models.Generation;

/// <summary>What prompts must be, whatever the model.</summary>
internal static class PromptChecks
{
    /// <summary>Refuses a prompt without a token, and one with more than ids and a mask.</summary>
    /// <exception cref="ArgumentException">It is such a prompt.</exception>
    public static void RequireIdsAndMask(ModelInputs prompt)
    {
        if (prompt.Ids.dim() == 2 && prompt.Ids.shape[1] == 0)
            throw new ArgumentException("A prompt must have a token at least: expected ids [batch, 1 or more], found none. Begin with the "
                + "token that texts begin or end with.", nameof(prompt));
        if (prompt.PositionIds is not null || prompt.Cache is not null || prompt.Encoded is not null)
            throw new ArgumentException(
                "Positions and the cache of a prompt are the model's own: expected ids and a mask.", nameof(prompt));
    }
}
