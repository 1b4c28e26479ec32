using System.Buffers.Binary;
using System.Numerics;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>
/// Reads a pickle of protocols 2 to 5 without running anything: numbers, texts, lists, tuples and dictionaries, and of named classes those
/// that <see cref="TorchObjects"/> knows. Whatever else a pickle asks for is refused by its name. Nothing recurses, and the numbers
/// of steps, dictionaries and lists bound the memory. See https://docs.python.org/3/library/pickletools.html.
/// </summary>
/// <param name="input">Begins with the pickle; afterwards it stands behind it.</param>
/// <param name="file">The file, for messages.</param>
/// <param name="objects">Makes what the pickle names.</param>
internal sealed class PickleReader(PickleInput input, string file, TorchObjects objects)
{
    private const int HighestProtocol = 5;

    // A tensor takes some forty steps, and a step makes at most one object.
    private const int MostSteps = 1 << 22;

    // A tensor takes one, or with what an optimizer keeps a few; an empty one already takes some eighty bytes.
    private const int MostContainers = 1 << 18;

    private static readonly object Mark = new();

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = new(SeededComparer<long>.Instance);
    private int _containers;

    /// <summary>Reads one pickle.</summary>
    /// <returns>null, bool, <see cref="BigInteger"/>, double, string, byte[], a list, an array for a tuple, a dictionary, or an object of
    /// torch's.</returns>
    /// <exception cref="ModelFormatException">It is damaged, or asks for more than tensors.</exception>
    public object? Read()
    {
        for (int step = 0; step < MostSteps; step++)
        {
            long place = input.Position;
            byte code = input.TakeByte();
            if (code == '.')
                return Pop();
            if (!Step(code))
                throw Damage($"has the opcode 0x{code:x2} at byte {place}, which a file of tensors does not need. Nothing of it was run. "
                    + "In Python: torch.save(model.state_dict(), path).");
        }

        throw Damage($"has a pickle of more than {MostSteps} steps; a file of weights takes some forty for a tensor.");
    }

    private bool Step(byte code)
    {
        switch ((char)code)
        {
            case '\u0080':
                if (input.TakeByte() is var protocol && protocol > HighestProtocol)
                    throw Damage($"is a pickle of protocol {protocol}; up to {HighestProtocol} are read. "
                        + "Save it with a lower pickle_protocol.");
                break;
            case '\u0095':
                if (BinaryPrimitives.ReadUInt64LittleEndian(Take(8)) > (ulong)input.Left)
                    throw Damage("has a frame that is longer than the file. Download or copy it again.");
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
                value = (BigInteger)input.TakeByte();
                break;
            case 'M':
                value = (BigInteger)BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
                break;
            case '\u008a':
                value = new BigInteger(Take(input.TakeByte()));
                break;
            case 'G':
                value = BinaryPrimitives.ReadDoubleBigEndian(Take(8));
                break;
            case 'X' or 'T':
                value = input.TakeText(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case '\u008c' or 'U':
                value = input.TakeText(input.TakeByte());
                break;
            case '\u008d':
                value = input.TakeText(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)));
                break;
            case 'B':
                value = Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))).ToArray();
                break;
            case 'C':
                value = Take(input.TakeByte()).ToArray();
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
                _stack.Add(Counted(new List<object?>()));
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
                _stack.Add(Counted(TorchObjects.NewDictionary()));
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
                var module = input.TakeLine();
                _stack.Add(objects.Global(module, input.TakeLine()));
                break;
            case '\u0093':
                var name = Pop<string>("the name of a class");
                _stack.Add(objects.Global(Pop<string>("the name of a module"), name));
                break;
            case 'R':
                var arguments = Pop<object?[]>("arguments");
                _stack.Add(Counted(objects.Call(Pop<PickleGlobal>("a function"), arguments)));
                break;
            case 'Q':
                _stack.Add(objects.Storage(Pop()));
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
                _memo[input.TakeByte()] = Peek();
                break;
            case 'r':
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek();
                break;
            case '\u0094':
                _memo[_memo.Count] = Peek();
                break;
            case 'h':
                _stack.Add(Recall(input.TakeByte()));
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
        _memo.TryGetValue(number, out object? value)
            ? value
            : throw Damage($"is damaged: it refers to object {number}, which it has not made. Download or copy it again.");

    private void Set(ReadOnlySpan<object?> pairs)
    {
        if (pairs.Length % 2 != 0)
            throw Damage("is damaged: it has a key without a value. Download or copy it again.");
        var dictionary = Target<OrderedDictionary<object, object?>>("a dictionary");
        for (int place = 0; place < pairs.Length; place += 2)
        {
            object key = pairs[place] is string or BigInteger or bool
                ? pairs[place]!
                : throw Damage("has a dictionary with a key that is neither a text nor a whole number. "
                    + "In Python: torch.save(model.state_dict(), path).");
            dictionary[key] = pairs[place + 1];
        }
    }

    private object Counted(object made) => made is not (List<object?> or OrderedDictionary<object, object?>)
        || ++_containers <= MostContainers
            ? made
            : throw Damage($"has a pickle of more than {MostContainers} dictionaries and lists; a file of weights takes one for a tensor.");

    private T Target<T>(string what) => Peek() is T target
        ? target
        : throw Damage($"is damaged: expected {what} to add to, found something else. Download or copy it again.");

    private T Pop<T>(string what) => Pop() is T value
        ? value
        : throw Damage($"is damaged: expected {what}, found something else. Download or copy it again.");

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek() => _stack.Count > 0 && _stack[^1] != Mark
        ? _stack[^1]
        : throw Damage("is damaged: it takes an object that is not there. Download or copy it again.");

    private object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
            throw Damage("is damaged: it has an end without a beginning. Download or copy it again.");
        object?[] items = [.. _stack.GetRange(mark + 1, _stack.Count - mark - 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private ReadOnlySpan<byte> Take(ulong count) => input.Take(count);

    private ModelFormatException Damage(string message) => new(file, message);
}
