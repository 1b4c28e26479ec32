using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>
/// Reads a pickle of protocols 2 to 5 without running anything: numbers, texts, lists, tuples and dictionaries, and of named classes those
/// that <see cref="TorchObjects"/> knows. Whatever else a pickle asks for is refused by its name.
/// See https://docs.python.org/3/library/pickletools.html.
/// </summary>
internal sealed class PickleReader
{
    private const int HighestProtocol = 5;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly object Mark = new();

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly string _file;
    private readonly TorchObjects _objects;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _at;

    private PickleReader(ReadOnlyMemory<byte> bytes, string file)
    {
        _bytes = bytes;
        _file = file;
        _objects = new TorchObjects(file);
    }

    /// <summary>Reads one pickle.</summary>
    /// <param name="bytes">Begins with the pickle.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="length">The bytes that it takes.</param>
    /// <returns>null, bool, <see cref="BigInteger"/>, double, string, byte[], a list, an array for a tuple, a dictionary, or an object of
    /// torch's.</returns>
    /// <exception cref="ModelFormatException">It is damaged, or asks for more than tensors.</exception>
    public static object? Read(ReadOnlyMemory<byte> bytes, string file, out int length)
    {
        var reader = new PickleReader(bytes, file);
        object? value = reader.Run();
        length = reader._at;
        return value;
    }

    private object? Run()
    {
        while (true)
        {
            int place = _at;
            byte code = Take(1)[0];
            if (code == '.')
                return Pop();
            if (!Step(code))
                throw Damage($"has the opcode 0x{code:x2} at byte {place}, which a file of tensors does not need. Nothing of it was run.");
        }
    }

    private bool Step(byte code)
    {
        switch ((char)code)
        {
            case '\u0080':
                if (Take(1)[0] is var protocol && protocol > HighestProtocol)
                    throw Damage($"is a pickle of protocol {protocol}; up to {HighestProtocol} are read.");
                break;
            case '\u0095':
                if (BinaryPrimitives.ReadUInt64LittleEndian(Take(8)) > (ulong)(_bytes.Length - _at))
                    throw Damage("has a frame that is longer than the file.");
                break;
            case '(':
                _stack.Add(Mark);
                break;
            case '0':
                Pop();
                break;
            case '1':
                PopToMark();
                break;
            case '2':
                _stack.Add(Peek());
                break;
            default:
                return StepValue(code) || StepContainer(code) || StepObject(code) || StepMemo(code);
        }
        return true;
    }

    private bool StepValue(byte code)
    {
        object? value;
        switch ((char)code)
        {
            case 'N':
                value = null;
                break;
            case '\u0088' or '\u0089':
                value = code == 0x88;
                break;
            case 'J':
                value = (BigInteger)BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                break;
            case 'K':
                value = (BigInteger)Take(1)[0];
                break;
            case 'M':
                value = (BigInteger)BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
                break;
            case '\u008a':
                value = new BigInteger(Take(Take(1)[0]));
                break;
            case 'G':
                value = BinaryPrimitives.ReadDoubleBigEndian(Take(8));
                break;
            case 'X' or 'T':
                value = Text(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case '\u008c' or 'U':
                value = Text(Take(Take(1)[0]));
                break;
            case '\u008d':
                value = Text(Take(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))));
                break;
            case 'B':
                value = Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))).ToArray();
                break;
            case 'C':
                value = Take(Take(1)[0]).ToArray();
                break;
            default:
                return false;
        }
        _stack.Add(value);
        return true;
    }

    private bool StepContainer(byte code)
    {
        switch ((char)code)
        {
            case ']':
                _stack.Add(new List<object?>());
                break;
            case 'a':
                var last = Pop();
                Target<List<object?>>("a list").Add(last);
                break;
            case 'e':
                var items = PopToMark();
                Target<List<object?>>("a list").AddRange(items);
                break;
            case ')':
                _stack.Add(Array.Empty<object?>());
                break;
            case 't':
                _stack.Add(PopToMark());
                break;
            case '\u0085' or '\u0086' or '\u0087':
                var tuple = new object?[code - 0x84];
                for (int place = tuple.Length - 1; place >= 0; place--)
                    tuple[place] = Pop();
                _stack.Add(tuple);
                break;
            case '}':
                _stack.Add(new OrderedDictionary<object, object?>());
                break;
            case 's':
                var value = Pop();
                Set([Pop(), value]);
                break;
            case 'u':
                Set(PopToMark());
                break;
            default:
                return false;
        }
        return true;
    }

    private bool StepObject(byte code)
    {
        switch ((char)code)
        {
            case 'c':
                var module = Line();
                _stack.Add(_objects.Global(module, Line()));
                break;
            case '\u0093':
                var name = Pop<string>("the name of a class");
                _stack.Add(_objects.Global(Pop<string>("the name of a module"), name));
                break;
            case 'R':
                var arguments = Pop<object?[]>("arguments");
                _stack.Add(_objects.Call(Pop<PickleGlobal>("a function"), arguments));
                break;
            case 'Q':
                _stack.Add(_objects.Storage(Pop()));
                break;
            case 'b':
                // An OrderedDict carries _metadata, the versions of modules: nothing that a tensor depends on.
                Pop();
                Target<OrderedDictionary<object, object?>>("a dictionary");
                break;
            default:
                return false;
        }
        return true;
    }

    private bool StepMemo(byte code)
    {
        switch ((char)code)
        {
            case 'q':
                _memo[Take(1)[0]] = Peek();
                break;
            case 'r':
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek();
                break;
            case '\u0094':
                _memo[_memo.Count] = Peek();
                break;
            case 'h':
                _stack.Add(Recall(Take(1)[0]));
                break;
            case 'j':
                _stack.Add(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            default:
                return false;
        }
        return true;
    }

    private object? Recall(long number) =>
        _memo.TryGetValue(number, out object? value) ? value : throw Damage($"refers to an object {number} that it has not made.");

    private void Set(ReadOnlySpan<object?> pairs)
    {
        if (pairs.Length % 2 != 0)
            throw Damage("has a key without a value.");
        var dictionary = Target<OrderedDictionary<object, object?>>("a dictionary");
        for (int place = 0; place < pairs.Length; place += 2)
        {
            object key = pairs[place] is string or BigInteger or bool
                ? pairs[place]!
                : throw Damage("has a dictionary with a key that is neither text nor number.");
            dictionary[key] = pairs[place + 1];
        }
    }

    private T Target<T>(string what) => Peek() is T target ? target : throw Damage($"expected {what} to add to, found something else.");

    private T Pop<T>(string what) => Pop() is T value ? value : throw Damage($"expected {what}, found something else.");

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek() => _stack.Count > 0 && _stack[^1] != Mark ? _stack[^1] : throw Damage("is damaged: it takes an object that is not there.");

    private object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
            throw Damage("is damaged: it has an end without a beginning.");
        object?[] items = [.. _stack.GetRange(mark + 1, _stack.Count - mark - 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
            throw Damage(string.Create(CultureInfo.InvariantCulture,
                $"ends too early: at byte {_at} expected {count} more, found {_bytes.Length - _at}. Download or copy it again."));
        var taken = _bytes.Span.Slice(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    private string Line()
    {
        int length = _bytes.Span[_at..].IndexOf((byte)'\n');
        if (length < 0)
            throw Damage("ends amid a name. Download or copy it again.");
        string line = Text(Take((ulong)length));
        _at++;
        return line;
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new ModelFormatException(_file, "holds a text that is not UTF-8.", exception);
        }
    }

    private ModelFormatException Damage(string message) => new(_file, message);
}
