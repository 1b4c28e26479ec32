namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Reads an added token's flags, as tokenizer.json, tokenizer_config.json and special_tokens_map.json write them.</summary>
internal static class AddedTokenReader
{
    /// <summary>Reads a token.</summary>
    /// <param name="part">An object with content and flags.</param>
    /// <param name="special">Whether it is special; null for what it says.</param>
    public static AddedToken Read(JsonPart part, bool? special = null)
    {
        bool Flag(string name) => part.OptionalBoolean(name) ?? false;
        string content = part.Required("content").GetString();
        if (content.Length == 0)
            throw part.Required("content").Fail("must not be empty");
        return new AddedToken(content, special ?? Flag("special"))
        {
            LeftStrip = Flag("lstrip"),
            RightStrip = Flag("rstrip"),
            SingleWord = Flag("single_word"),
            Normalized = Flag("normalized"),
        };
    }
}
