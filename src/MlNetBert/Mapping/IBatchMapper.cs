using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>A mapper that can compute rows together.</summary>
internal interface IBatchMapper : IRowMapper
{
    /// <summary>How many rows are read ahead at most.</summary>
    int RowsAtOnce { get; }

    /// <summary>Makes a window over rows.</summary>
    /// <param name="input">The row that is read, with the input columns active.</param>
    /// <param name="activeOutput">Which of the mapper's columns are asked for.</param>
    /// <param name="place">The consumer's place in the window.</param>
    IBatchWindow CreateWindow(DataViewRow input, Func<int, bool> activeOutput, Func<int> place);
}
