namespace MlNetBert.Mapping;

/// <summary>The computed rows around a cursor's position.</summary>
internal interface IBatchWindow : IDisposable
{
    /// <summary>Getters of the mapper's columns; null where a column is not active.</summary>
    Delegate[] Getters { get; }

    /// <summary>Goes to the next row, computing the next window where this one is at its end.</summary>
    /// <returns>Whether there is a row.</returns>
    bool MoveNext();
}
