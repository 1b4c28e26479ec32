namespace MlNetBert.Text.Corpora;

/// <summary>Reads the documents of files of some format; stateless.</summary>
[Experimental("MLNETBERT001")]
public interface ICorpusReader
{
    /// <summary>The extensions of its files, in lower case with the dot.</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>Reads the documents of a file, one at a time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="statistics">Takes the count of invalid sequences, and notes of what was guessed or left out.</param>
    /// <returns>The documents, in the order of the file; empty ones too.</returns>
    /// <exception cref="CorpusException">The file is not what it should be; thrown while reading.</exception>
    IEnumerable<string> Read(string path, CorpusOptions options, CorpusStatistics statistics);
}
