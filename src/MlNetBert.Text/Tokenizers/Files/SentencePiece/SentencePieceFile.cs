using System.Globalization;
using System.Text;
using Google.Protobuf;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>A model of SentencePiece, read and checked.</summary>
internal sealed class SentencePieceFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly string _file;

    private SentencePieceFile(string file, ModelProto model)
    {
        _file = file;
        Trainer = model.TrainerSpec ?? new TrainerProto();
        Rules = model.NormalizerSpec ?? new NormalizerProto();
        Pieces = [.. model.Pieces.Select(ReadPiece)];
        Types = [.. model.Pieces.Select(piece => piece.Type)];
        Check();
        Charsmap = ReadCharsmap();
    }

    /// <summary>The pieces with their scores.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Pieces { get; }

    /// <summary>What each piece is.</summary>
    public IReadOnlyList<PieceProto.Types.Type> Types { get; }

    /// <summary>How the model was learned.</summary>
    public TrainerProto Trainer { get; }

    /// <summary>How texts are normalized.</summary>
    public NormalizerProto Rules { get; }

    /// <summary>The table by which texts are normalized; null for none.</summary>
    public PrecompiledNormalizer? Charsmap { get; }

    /// <summary>Whether the model is BPE; otherwise it is unigram.</summary>
    public bool IsBytePair => Trainer.ModelType is TrainerProto.Types.ModelType.Bpe;

    /// <summary>Whether what cannot be spelled becomes its bytes.</summary>
    public bool HasBytes => Types.Contains(PieceProto.Types.Type.Byte);

    /// <summary>Reads a file.</summary>
    /// <exception cref="TokenizerFormatException">It is no such file, or holds what is not supported.</exception>
    public static SentencePieceFile Read(byte[] bytes, string file)
    {
        try
        {
            return new SentencePieceFile(file, ModelProto.Parser.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new TokenizerFormatException(file,
                $"a model of SentencePiece is a protocol buffer, but these {bytes.Length} bytes are none: {exception.Message} Get the file "
                    + "anew.", exception);
        }
    }

    /// <summary>The control piece with an id of <see cref="Trainer"/>, such as its padding; null where that is none.</summary>
    public string? ControlOf(int id) =>
        (uint)id < (uint)Types.Count && Types[id] == PieceProto.Types.Type.Control ? Pieces[id].Key : null;

    /// <summary>What to throw where something is wrong with the file.</summary>
    /// <param name="key">The field.</param>
    /// <param name="fault">What is wrong with it.</param>
    /// <param name="inner">What it came from.</param>
    public TokenizerFormatException Fail(string key, string fault, Exception? inner = null) =>
        new(_file, $"'{key}' {fault}. Get the file anew, or use another tokenizer.", inner);

    private KeyValuePair<string, double> ReadPiece(PieceProto piece, int id)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(piece.Piece.Span);
        }
        catch (ArgumentException exception)
        {
            throw Fail(Key("piece"), "must be UTF-8", exception);
        }

        if (text.Length == 0)
            throw Fail(Key("piece"), "must not be empty");
        if (!float.IsFinite(piece.Score))
            throw Fail(Key("score"), string.Create(CultureInfo.InvariantCulture, $"must be finite, but is {piece.Score}"));
        return KeyValuePair.Create(text, (double)piece.Score);

        string Key(string field) => string.Create(CultureInfo.InvariantCulture, $"pieces[{id}].{field}");
    }

    private void Check()
    {
        if (Pieces.Count == 0)
            throw Fail("pieces", "must be the vocabulary, but is empty: this is no model of SentencePiece");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < Pieces.Count; id++)
        {
            if (!ids.TryAdd(Pieces[id].Key, id))
                throw Fail(string.Create(CultureInfo.InvariantCulture, $"pieces[{id}].piece"), string.Create(
                    CultureInfo.InvariantCulture, $"is '{Pieces[id].Key}', which is that of pieces[{ids[Pieces[id].Key]}], too"));
        }

        if (Trainer.ModelType is TrainerProto.Types.ModelType.Word or TrainerProto.Types.ModelType.Char)
            throw Fail("trainer_spec.model_type", $"is {Trainer.ModelType}, which is not supported: it must be unigram or BPE");
        if (Trainer.TreatWhitespaceAsSuffix)
            throw Fail("trainer_spec.treat_whitespace_as_suffix", "is true, which is not supported: blanks must stand before words");
        if (!Rules.EscapeWhitespaces)
            throw Fail("normalizer_spec.escape_whitespaces", "is false, which is not supported: blanks must be marked");
        int unknown = Trainer.UnkId;
        if ((uint)unknown >= (uint)Types.Count || Types[unknown] != PieceProto.Types.Type.Unknown)
            throw Fail("trainer_spec.unk_id", string.Create(
                CultureInfo.InvariantCulture, $"is {unknown}, but of the {Types.Count} pieces that is not the unknown one"));
    }

    private PrecompiledNormalizer? ReadCharsmap()
    {
        if (Rules.PrecompiledCharsmap.IsEmpty)
            return null;
        try
        {
            return new PrecompiledNormalizer(Rules.PrecompiledCharsmap.Span);
        }
        catch (FormatException exception)
        {
            throw Fail("normalizer_spec.precompiled_charsmap", exception.Message, exception);
        }
    }
}
