using ReferencePublicizer;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: ReferencePublicizer <output directory> <assembly> [<assembly> …]");
    return 2;
}

try
{
    foreach (var assembly in args.Skip(1))
    {
        var output = Path.Combine(args[0], Path.GetFileName(assembly));
        PublicCopy.Write(assembly, output);
    }

    return 0;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException or InvalidDataException)
{
    // The form that MSBuild turns into a build error.
    Console.Error.WriteLine($"ReferencePublicizer : error MLNB0002: {e.Message}");
    return 1;
}
