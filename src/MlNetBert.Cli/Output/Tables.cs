using System.Globalization;
using MlNetBert.HuggingFace;
using Spectre.Console;

namespace MlNetBert.Cli.Output;

/// <summary>The plain tables that people see.</summary>
internal static class Tables
{
    /// <summary>A table without frames.</summary>
    public static Table Plain(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(Markup.Escape(column)) { NoWrap = false });
        return table;
    }

    /// <summary>Writes a name and a value a row; facts without a value are left out.</summary>
    public static void Facts(this IAnsiConsole console, IEnumerable<(string Name, string? Value)> facts)
    {
        var rows = facts.Where(fact => fact.Value is not null).ToList();
        if (!console.Profile.Out.IsTerminal)
        {
            var width = rows.Max(row => row.Name.Length) + 2;
            foreach (var (name, value) in rows)
                console.Profile.Out.Writer.WriteLine(SafeText.WithoutControls(name.PadRight(width) + value));
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn());
        foreach (var (name, value) in rows)
            grid.AddRow(Safe.Text(name), Safe.Text(value!));
        console.Write(grid);
    }

    /// <summary>Adds a row of values as they are, without markup.</summary>
    public static void Row(this Table table, params string[] values) => table.AddRow(values.Select(Safe.Text));

    /// <summary>A number for people.</summary>
    public static string Number(double? value, string format = "0.####") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    /// <summary>A count for people.</summary>
    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
