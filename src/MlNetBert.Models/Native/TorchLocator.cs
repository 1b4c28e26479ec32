using System.Reflection;

namespace MlNetBert.Models.Native;

/// <summary>Finds libtorch and the shim without loading anything, and keeps a list of what it looked at.</summary>
internal sealed class TorchLocator(NativeNames names, string? environment, string baseDirectory, Func<string, string?> appData)
{
    private readonly List<string> _looked = [];

    /// <summary>Everything looked at, in order, for the message of a failure.</summary>
    public IReadOnlyList<string> Looked => _looked;

    public static TorchLocator ForThisProcess(NativeNames names) => new(
        names,
        Environment.GetEnvironmentVariable(TorchRuntime.EnvironmentVariable),
        AppContext.BaseDirectory,
        name => AppContext.GetData(name) as string);

    /// <summary>The directory that holds libtorch, links resolved; null when there is none.</summary>
    public (TorchSource Source, string Directory)? FindLibTorch()
    {
        // LIBTORCH is a decision: what is wrong with it is said, never papered over by another libtorch.
        if (!string.IsNullOrWhiteSpace(environment))
            return First(TorchSource.Environment, names.TorchCpu,
                [Path.Combine(environment, "lib"), environment, Path.Combine(environment, "torch", "lib")]);

        return First(TorchSource.Application, names.TorchCpu, [baseDirectory, Path.Combine(baseDirectory, "runtimes", names.Rid, "native")])
            ?? First(TorchSource.Package, names.TorchCpu,
                PackageDirectories("MlNetBert.Native.LibTorch", names.Package, NativeNames.LibTorchVersion));
    }

    /// <summary>
    /// The version of a libtorch that was found. One beside the application came there from the package that the application was built
    /// with, which its configuration names.
    /// </summary>
    public string? VersionOf(TorchSource source, string directory) =>
        ReadVersion(directory)
            ?? (source == TorchSource.Application && appData("MlNetBert.Native.LibTorch") is { Length: > 0 } built
                ? ReadVersion(built)
                : null);

    /// <summary>The shim's file; null when there is none.</summary>
    public string? FindShim()
    {
        var version = typeof(TorchSharp.torch)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
        var configured = appData("MlNetBert.Native.Shim");
        var directories = new List<string> { baseDirectory, Path.Combine(baseDirectory, "runtimes", names.Rid, "native") };
        if (configured is not null)
            directories.Add(Path.GetDirectoryName(configured) ?? configured);
        directories.AddRange(PackageDirectories(null, "torchsharp", version));
        return First(TorchSource.Package, names.Shim, directories) is { } found ? Path.Combine(found.Directory, names.Shim) : null;
    }

    /// <summary>
    /// Other copies of a library on the paths where .NET would look by itself: TorchSharp, which loads by name, would take them for a
    /// second libtorch.
    /// </summary>
    public IEnumerable<string> FindRivals(string fileName, string chosenDirectory)
    {
        var directories =
            SearchDirectories().Append(baseDirectory).Append(Path.GetDirectoryName(typeof(TorchSharp.torch).Assembly.Location) ?? "");
        return directories
            .Where(d => d.Length > 0)
            .Select(d => Path.Combine(d, fileName))
            .Where(File.Exists)
            .Where(f => !string.Equals(Resolve(f), Resolve(Path.Combine(chosenDirectory, fileName)), StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>
    /// The version a libtorch tells of itself: its build-version file, pip's version.py, or the folder of its NuGet package, and no other
    /// one: a tool is installed below its own version.
    /// </summary>
    public static string? ReadVersion(string directory)
    {
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(directory)) ?? directory;
        var buildVersion = Path.Combine(parent, "build-version");
        if (File.Exists(buildVersion))
            return File.ReadAllText(buildVersion).Trim();
        var python = Path.Combine(parent, "version.py");
        if (File.Exists(python))
        {
            var line = File.ReadLines(python).FirstOrDefault(l => l.StartsWith("__version__", StringComparison.Ordinal));
            return line?.Split('=')[1].Trim().Trim('\'', '"');
        }

        string[] parts = directory.Split('/', '\\');
        var package = Array.FindIndex(parts, part => part.StartsWith("libtorch-", StringComparison.OrdinalIgnoreCase));
        return package >= 0 && package + 1 < parts.Length && Version.TryParse(parts[package + 1], out _) ? parts[package + 1] : null;
    }

    /// <summary>The path with every symbolic link of it followed.</summary>
    public static string Resolve(string path)
    {
        var full = Path.GetFullPath(path);
        var root = Path.GetPathRoot(full) ?? "";
        var resolved = root;
        foreach (var part in full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(resolved, part);
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            resolved = info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next;
        }

        return resolved;
    }

    private IEnumerable<string> PackageDirectories(string? configuredName, string package, string version)
    {
        if (configuredName is not null && appData(configuredName) is { Length: > 0 } configured)
            yield return configured;
        foreach (var directory in SearchDirectories())
            yield return directory;
        if (PackagesDirectory() is { } packages)
            yield return Path.Combine(packages, package, version, "runtimes", names.Rid, "native");
        else
            _looked.Add($"{package} {version}: there is no home directory to look for packages in, and NUGET_PACKAGES is not set");
    }

    // Without a home directory there is no place of the user's; a relative one would be of whoever wrote to the current directory.
    private static string? PackagesDirectory()
    {
        if (Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } packages)
            return packages;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0 ? Path.Combine(home, ".nuget", "packages") : null;
    }

    private string[] SearchDirectories() =>
        appData("NATIVE_DLL_SEARCH_DIRECTORIES")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];

    private (TorchSource Source, string Directory)? First(TorchSource source, string fileName, IEnumerable<string> directories)
    {
        foreach (var directory in directories.Distinct(StringComparer.Ordinal))
        {
            var file = Path.Combine(directory, fileName);
            if (!Path.IsPathFullyQualified(file))
                _looked.Add($"{file}: not looked at, because libraries are loaded from absolute paths only");
            else if (File.Exists(file))
                return (source, Path.GetDirectoryName(Resolve(file)) ?? directory);
            else
                _looked.Add(file);
        }

        return null;
    }
}
