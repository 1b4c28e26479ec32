using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace ReferencePublicizer;

/// <summary>
/// Writes a copy of an assembly in which what was internal is public. Only visibility bits change, in place: tables, rows and signatures stay where they were.
/// </summary>
internal static class PublicCopy
{
    // Flags is the first column of TypeDef and Field; in MethodDef it follows RVA (4 bytes) and ImplFlags (2 bytes).
    private const int MethodFlagsColumn = 6;

    public static void Write(string assembly, string output)
    {
        var bytes = File.ReadAllBytes(assembly);
        using var pe = new PEReader(new MemoryStream(bytes, writable: false));
        if (!pe.HasMetadata)
            throw new InvalidDataException($"'{assembly}' is not a managed assembly.");

        var metadata = pe.GetMetadataReader();
        var start = pe.PEHeaders.MetadataStartOffset;
        foreach (var handle in metadata.TypeDefinitions)
        {
            var at = Row(metadata, start, TableIndex.TypeDef, handle);
            var flags = (TypeAttributes)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), (uint)Publicize(flags));
        }

        foreach (var handle in metadata.FieldDefinitions)
            PublicizeMember(bytes, Row(metadata, start, TableIndex.Field, handle));
        foreach (var handle in metadata.MethodDefinitions)
            PublicizeMember(bytes, Row(metadata, start, TableIndex.MethodDef, handle) + MethodFlagsColumn);

        // Two builds may write the same copy: each writes its own file and moves it into place.
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        var temporary = $"{output}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, output, overwrite: true);
    }

    private static int Row(MetadataReader metadata, int start, TableIndex table, EntityHandle handle) =>
        start + metadata.GetTableMetadataOffset(table) + (metadata.GetRowNumber(handle) - 1) * metadata.GetTableRowSize(table);

    private static TypeAttributes Publicize(TypeAttributes flags) => (flags & TypeAttributes.VisibilityMask) switch
    {
        TypeAttributes.NotPublic => flags & ~TypeAttributes.VisibilityMask | TypeAttributes.Public,
        TypeAttributes.NestedAssembly => flags & ~TypeAttributes.VisibilityMask | TypeAttributes.NestedPublic,
        _ => flags,
    };

    // FieldAttributes and MethodAttributes share the values of their access bits.
    private static void PublicizeMember(byte[] bytes, int at)
    {
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
        if ((flags & (ushort)MethodAttributes.MemberAccessMask) == (ushort)MethodAttributes.Assembly)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)(flags & ~(ushort)MethodAttributes.MemberAccessMask | (ushort)MethodAttributes.Public));
    }
}
