namespace MlNetBert;

/// <summary>A row of <see cref="LanguageModelDataCatalog.LoadFromTextLines"/>.</summary>
public sealed class TextLine
{
    /// <summary>The line.</summary>
    public string Text { get; set; } = "";
}
