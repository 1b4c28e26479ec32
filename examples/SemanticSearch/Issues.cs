using Examples.Common;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SemanticSearch;

/// <summary>The issues that are searched.</summary>
internal static class Issues
{
    private static readonly (string Area, string[] Titles)[] Embedded =
    [
        ("Net", ["Socket is not closed after Dispose", "HttpClient leaks sockets when requests time out", "Request to a slow server never times out", "Certificate of the server is rejected on Linux", "Cookie is lost after a redirect", "Proxy settings are ignored by HttpClient"]),
        ("IO", ["File cannot be deleted while a stream is open", "FileStream writes past the end of the file", "Directory listing is slow on a network drive", "Path with a trailing space is not found", "Zip archive with a large file cannot be opened", "Serial port does not read all bytes"]),
        ("Globalization", ["Date is parsed with the wrong culture", "Turkish letter i is not upper-cased rightly", "Number format ignores the current culture", "Calendar gives the wrong week of the year"]),
        ("Collections", ["Dictionary throws when it is changed during enumeration", "Sorted list is slow to insert into", "Queue loses items when two threads enqueue", "Hash set uses too much memory"]),
        ("Security", ["Hash of an empty array is wrong", "Private key cannot be exported", "Encrypted file cannot be decrypted on another machine", "Random numbers repeat after a fork"]),
    ];

    /// <summary>The file beside the repository, else the issues written here.</summary>
    public static IDataView Load(MLContext ml, bool embedded)
    {
        if (!embedded && SharedFolder.Find("data", "corefx-issues.tsv") is { } file)
            return ml.Data.LoadFromTextFile<Issue>(file, new TextLoader.Options { HasHeader = true, AllowQuoting = true });
        return ml.Data.LoadFromEnumerable(Embedded.SelectMany(e => e.Titles.Select(title => new Issue { Area = e.Area, Title = title })));
    }
}
