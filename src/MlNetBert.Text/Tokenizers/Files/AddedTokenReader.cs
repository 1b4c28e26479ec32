namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Reads an added token's flags, as tokenizer.json and tokenizer_config.json write them.</summary>
internal static class AddedTokenReader
{
    public static AddedToken Read(JsonPart part, string content)
    {
        bool Flag(string name) => part.Optional(name) is { IsNull: false } flag && flag.Boolean();
        if (content.Length == 0)
            throw part.Required("content").Fail("must not be empty");
        if (Flag("normalized"))
            throw part.Required("normalized").Fail($"is true: a token ('{content}') that is looked for in the normalised text is not supported");
        return new AddedToken(content, Flag("special"))
        {
            LeftStrip = Flag("lstrip"),
            RightStrip = Flag("rstrip"),
            SingleWord = Flag("single_word"),
        };
    }
}
