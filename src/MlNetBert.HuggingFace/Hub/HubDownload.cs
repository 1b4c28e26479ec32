using System.Net;
using System.Security.Cryptography;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>Brings one blob here: continues what was begun, checks size and SHA-256, and only then gives it its name.</summary>
internal sealed class HubDownload(HubHttp http, HubSettings settings, HubFile file, HubMetadata metadata, string blob)
{
    private const int BufferSize = 1 << 20;

    private readonly string _incomplete = $"{blob}.incomplete";
    private readonly string _address = file.Address(settings.Endpoint).AbsoluteUri;
    private bool _resumed;
    private long _most;

    /// <summary>Downloads the blob. The caller holds its lock.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        _most = HubLimits.MostBytes(file.Path, blob, here: File.Exists(_incomplete) ? new FileInfo(_incomplete).Length : 0);
        if (metadata.Size > _most)
            throw TooLong($"{metadata.Size} bytes");
        _resumed = File.Exists(_incomplete) && new FileInfo(_incomplete).Length > 0;
        while (true)
        {
            await http.RetryAsync(file, settings.Options.MaxRetries, ReceiveAsync, cancellationToken).ConfigureAwait(false);
            string? fault = await FaultAsync(cancellationToken).ConfigureAwait(false);
            if (fault is null)
                break;
            File.Delete(_incomplete);
            if (!_resumed)
                throw new HubException(_address,
                    $"{fault} What came was thrown away. The hub, or something between, serves another file: try "
                        + "again, or another network.");
            _resumed = false; // the part that was here before may be the one at fault
        }
        FileSync.FlushFile(_incomplete);
        File.Move(_incomplete, blob, overwrite: true);
        FileSync.FlushDirectory(Path.GetDirectoryName(blob)!);
    }

    private async Task<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        long have = File.Exists(_incomplete) ? new FileInfo(_incomplete).Length : 0;
        if (have > metadata.Size)
        {
            File.Delete(_incomplete);
            have = 0;
        }
        if (have > 0 && have == metadata.Size)
            return true;

        var chain =
            await http.SendAsync(HttpMethod.Get, file, have, _ => false, settings.Options.Timeout, cancellationToken).ConfigureAwait(false);
        try
        {
            var response = chain[^1];
            have = CheckAnswer(chain, have);
            await CopyAsync(response, have, cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            HubHttp.Dispose(chain);
        }
    }

    /// <summary>Where the answer's bytes belong in the file: 0 where the hub starts again.</summary>
    private long CheckAnswer(IReadOnlyList<HttpResponseMessage> chain, long have)
    {
        var response = chain[^1];
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            File.Delete(_incomplete);
            throw new HubTransientException("the hub could not continue the download: it starts again.", response.StatusCode,
                TimeSpan.Zero);
        }
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
            throw HubErrors.From(response, file, settings);
        if (response.Content.Headers.ContentEncoding.Count > 0)
            throw new HubException(_address,
                $"expected the file as it is, found it encoded as {string.Join(", ", response.Content.Headers.ContentEncoding)}: "
                    + "something between changes it.");
        if (HubMetadata.Read(chain[0]).Etag is { } etag && etag != metadata.Etag)
            throw new HubException(_address,
                $"the file changed while it was asked for: its ETag was {metadata.Etag} and is now {etag}. Ask again.");
        if (response.StatusCode == HttpStatusCode.OK)
            return 0;

        var range = response.Content.Headers.ContentRange;
        if (have == 0 || range?.From != have || (range.Length is { } total && metadata.Size is { } size && total != size))
        {
            File.Delete(_incomplete);
            throw new HubTransientException($"asked for the bytes from {have}, the hub answered with '{range}': the download starts again.",
                response.StatusCode);
        }
        return have;
    }

    private async Task CopyAsync(HttpResponseMessage response, long have, CancellationToken cancellationToken)
    {
        long begin = have;
        long reported = -1;
        byte[] buffer = new byte[BufferSize];
        await using var output = new FileStream(_incomplete, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        output.SetLength(have);
        output.Seek(have, SeekOrigin.Begin);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            Report(have, ref reported, last: false);
            int count;
            try
            {
                count =
                    await http.GuardAsync(
                        async token => await body.ReadAsync(buffer, token).ConfigureAwait(false),
                        _address,
                        settings.Options.Timeout,
                        cancellationToken).ConfigureAwait(false);
            }
            catch (HubTransientException exception)
            {
                throw new HubTransientException(exception.Message, innerException: exception.InnerException)
                {
                    Progressed = have - begin >= BufferSize,
                };
            }
            if (count == 0)
                break;
            await WriteAsync(output, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            have += count;
            if (have > metadata.Size)
                break; // FaultAsync tells of it
            if (have > _most)
            {
                output.SetLength(0);
                throw TooLong("more, and no length told beforehand");
            }
        }
        Report(have, ref reported, last: true);
        if (have < metadata.Size)
            throw new HubTransientException($"the hub closed after {have} of {metadata.Size} bytes.")
            {
                Progressed = have - begin >= BufferSize,
            };
    }

    private HubException TooLong(string found) => new(
        _address,
        $"expected at most {_most} bytes "
            + $"{(HubLimits.IsRead(file.Path) ? "of such a file" : $"(what is free on the disk of {Path.GetDirectoryName(blob)})")}, found "
            + $"{found}. "
            + (HubLimits.IsRead(file.Path)
                ? "Is the endpoint (HF_ENDPOINT) a hub?"
                : "Free space there, or choose another cache with HF_HUB_CACHE."));

    private async Task WriteAsync(FileStream output, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await output.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            string message =
                $"Could not write {_incomplete}: {exception.Message} Free space on that disk, or choose another cache with HF_HUB_CACHE; "
                + "the download then goes on where it stopped.";
            throw new IOException(message, exception)
            {
                HResult = exception.HResult,
            };
        }
    }

    private void Report(long have, ref long reported, bool last)
    {
        if (settings.Options.Progress is not { } progress || have == reported || (!last && reported >= 0 && have - reported < BufferSize))
            return;
        reported = have;
        progress.Report(new HubProgress(file.Repository, file.Path, have, metadata.Size));
    }

    /// <summary>What is wrong with the file that came, or null.</summary>
    private async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(_incomplete, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize);
        if (metadata.Size is { } size && stream.Length != size)
            return $"expected {size} bytes, found {(stream.Length > size ? "more" : stream.Length)}.";
        if (metadata.Sha256 is not { } expected)
            return null;
        string found = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
        return found == expected ? null : $"expected the SHA-256 {expected}, found {found}.";
    }
}
