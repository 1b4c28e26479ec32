using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>A mapper that can compute rows ahead.</summary>
internal interface IBatchMapper : IRowMapper
{
    /// <summary>Reads and computes ahead of the rows that are handed on.</summary>
    /// <param name="ahead">A cursor over the same rows with the input column active; the window disposes of it.</param>
    /// <param name="activeOutput">Which of the mapper's columns are asked for.</param>
    IBatchWindow CreateWindow(DataViewRowCursor ahead, Func<int, bool> activeOutput);
}
