using System.Text.Json;
using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Interop;

/// <summary>
/// A tokenizer beside a saved transformer, as the two files of a Hugging Face directory that hold all it does: tokenizer.json and
/// tokenizer_config.json.
/// </summary>
internal static class TokenizerFiles
{
    /// <summary>
    /// The version of a transformer's format that holds these files; earlier ones hold pieces and options, which is not the whole
    /// tokenizer.
    /// </summary>
    public const uint Version = 2;

    private const string Source = "the tokenizer of the model file";
    private const string Pieces = "pieces.json";
    private const string Settings = "tokenizer_options.json";
    private static readonly string[] Names = [ModelFiles.Tokenizer, ModelFiles.TokenizerConfig];

    public static void Save(ModelSaveContext ctx, SubwordTokenizer tokenizer)
    {
        var files = tokenizer.ToFiles();
        foreach (var name in Names)
            ModelBlobs.Write(ctx, name, stream => stream.Write(files[name]));
    }

    /// <summary>Reads what <see cref="Save"/> wrote, or, from a file of version 1, what earlier builds wrote.</summary>
    public static SubwordTokenizer Load(ModelLoadContext ctx, uint version)
    {
        if (version < Version)
            return Earlier(Read<string[]>(ctx, Pieces), Read<WordPieceTokenizerOptions>(ctx, Settings), Settings);
        return FromFiles(name => ModelBlobs.Read(ctx, name, Bytes), Source);
    }

    /// <summary>Puts a tokenizer together from the two files.</summary>
    public static SubwordTokenizer FromFiles(Func<string, byte[]> read, string source) =>
        SubwordTokenizer.FromFiles(name => Names.Contains(name) ? new MemoryStream(read(name)) : null, source);

    /// <summary>
    /// A tokenizer as earlier builds saved it. They forgot which pieces were added tokens, so that one that had any is refused.
    /// </summary>
    public static SubwordTokenizer Earlier(string[] pieces, WordPieceTokenizerOptions settings, string source)
    {
        try
        {
            string?[] named =
                [settings.UnknownToken, settings.ClassificationToken, settings.SeparatorToken, settings.PaddingToken, settings.MaskToken];
            if (settings.AddedTokens?.FirstOrDefault(token => !named.Contains(token.Content)) is { } added)
            {
                throw new ModelFormatException(
                    source,
                    "expected a tokenizer that is known as a whole, found one of an earlier build with the added token "
                        + $"'{added.Content}': that build did not save whether words are spelt with it. Fit again and save anew.");
            }

            return SubwordTokenizer.FromVocabulary(pieces, settings);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(
                source, $"expected settings that fit the vocabulary, found others ({e.Message}). Save the model again.", e);
        }
    }

    private static byte[] Bytes(Stream stream)
    {
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    private static T Read<T>(ModelLoadContext ctx, string name) => ModelBlobs.Read(ctx, name, stream =>
    {
        try
        {
            return JsonSerializer.Deserialize<T>(stream) ?? throw new JsonException("null.");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(name, $"expected a tokenizer's {typeof(T).Name}, found {e.Message} Save the model again.", e);
        }
    });
}
