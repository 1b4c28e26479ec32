using System.Text.Json;
using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Interop;

/// <summary>A tokenizer beside a saved transformer: its pieces, and its settings as JSON.</summary>
internal static class TokenizerFiles
{
    private const string Pieces = "pieces.json";
    private const string Settings = "tokenizer_options.json";

    public static void Save(ModelSaveContext ctx, WordPieceTokenizer tokenizer)
    {
        ModelBlobs.Write(ctx, Pieces, stream => JsonSerializer.Serialize(stream, tokenizer.Vocabulary));
        ModelBlobs.Write(ctx, Settings, stream => JsonSerializer.Serialize(stream, tokenizer.Options));
    }

    public static WordPieceTokenizer Load(ModelLoadContext ctx)
    {
        var pieces = Read<string[]>(ctx, Pieces);
        var settings = Read<WordPieceTokenizerOptions>(ctx, Settings);
        try
        {
            return WordPieceTokenizer.FromVocabulary(pieces, settings);
        }
        catch (Exception e) when (e is ArgumentException)
        {
            throw new ModelFormatException(Settings, $"expected settings that fit the vocabulary, found others ({e.Message}). Save the model again.", e);
        }
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
