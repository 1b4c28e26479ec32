using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>A pattern and what takes the place of what it finds, as <c>Replace</c> has them in tokenizer.json.</summary>
internal sealed record Replacement(TextPattern Pattern, string Content)
{
    public static Replacement OfString(string text, string content)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentNullException.ThrowIfNull(content);
        return new Replacement(TextPattern.OfString(text), content);
    }

    public static Replacement Of(JsonPart part) =>
        new(TextPattern.Read(part.Required("pattern")), part.Required("content").GetString());

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Replace");
        Pattern.Write(writer);
        writer.WriteString("content", Content);
    }
}
