using System.CommandLine;

namespace MlNetBert.Cli.Parsing;

/// <summary>An option of earlier builds whose values mean something else than those of the options that took its place.</summary>
internal interface IEarlierOption
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>The options that took its place.</summary>
    IReadOnlyList<Option> StandsFor { get; }
}

/// <inheritdoc cref="IEarlierOption"/>
internal sealed class EarlierOption<T> : Option<T>, IEarlierOption
{
    public EarlierOption(string name, params Option[] standsFor)
        : base(name)
    {
        Hidden = true;
        StandsFor = standsFor;
    }

    public IReadOnlyList<Option> StandsFor { get; }
}
