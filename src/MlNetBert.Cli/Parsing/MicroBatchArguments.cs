using System.CommandLine;

namespace MlNetBert.Cli.Parsing;

/// <summary>How many examples of a step go through the model at once.</summary>
internal sealed class MicroBatchArguments
{
    private readonly Option<int?> _size;
    private readonly EarlierOption<int?> _parts;

    public MicroBatchArguments(string description)
    {
        _size = new Option<int?>("--micro-batch-size") { Description = description, HelpName = "N" }.AtLeast(1);
        _parts = new EarlierOption<int?>("--accumulate", _size); // a number of parts, where the option above is their size
        _parts.AtLeast(1);
    }

    /// <summary>The options.</summary>
    public Option[] All => [_size, _parts];

    /// <summary>The size; null where it was not given.</summary>
    public int? Of(ParseResult arguments, int batchSize) =>
        arguments.GetValue(_parts) is { } parts ? (int)(((long)batchSize + parts - 1) / parts) : arguments.GetValue(_size);
}
