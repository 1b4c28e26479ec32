namespace MlNetBert.Mapping;

/// <summary>Rows that are computed together.</summary>
internal interface IBatchWindow
{
    /// <summary>Getters of the mapper's columns at the consumer's place; null where a column is not active.</summary>
    Delegate[] Getters { get; }

    /// <summary>Begins the next window.</summary>
    void Clear();

    /// <summary>Takes what is needed of the row that is being read.</summary>
    /// <returns>About how many bytes it and its result take.</returns>
    long Read();

    /// <summary>Computes the rows that were read.</summary>
    /// <param name="rows">How many of them, from the first.</param>
    void Compute(int rows);
}
