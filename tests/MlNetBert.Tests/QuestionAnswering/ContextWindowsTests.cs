using CsCheck;
using MlNetBert.QuestionAnswering;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.QuestionAnswering;

public sealed class ContextWindowsTests : IDisposable
{
    private static readonly Gen<(int Tokens, int Room, int Stride)> Cuts =
        from room in Gen.Int[1, 40]
        from stride in Gen.Int[0, room - 1]
        from tokens in Gen.Int[0, 300]
        select (tokens, room, stride);

    private static readonly Gen<string> Texts =
        Gen.OneOf(Gen.Const("the cat"), Gen.Const("dog"), Gen.Const("é"), Gen.Const("\U0001F600"), Gen.Const("  "), Gen.Const("\n"), Gen.Const("İ"), Gen.Const("xyzzy."), Gen.Const("猫")).Array[0, 40].Select(string.Concat);

    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(Tiny.Fitted);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Cut_OfAnyContext_PutsEveryTokenInAWindowAndSharesTheStride() => Cuts.Sample(c =>
    {
        var parts = ContextWindows.Cut(c.Tokens, c.Room, c.Stride);
        Assert.Equal(0, parts[0].Start.Value);
        Assert.Equal(c.Tokens, parts[^1].End.Value);
        Assert.All(parts, p => Assert.InRange(p.End.Value - p.Start.Value, 0, c.Room));
        Assert.All(parts.Zip(parts.Skip(1)), p => Assert.Equal(c.Stride, p.First.End.Value - p.Second.Start.Value));
        Assert.All(parts.SkipLast(1), p => Assert.Equal(c.Room, p.End.Value - p.Start.Value));
    });

    [Fact]
    public void Cut_OfAnySpanOfAtMostTheStride_HasAWindowThatHoldsItWhole() => Cuts.Where(c => c.Stride > 0 && c.Tokens > c.Stride).Sample(c =>
    {
        var parts = ContextWindows.Cut(c.Tokens, c.Room, c.Stride);
        for (var first = 0; first + c.Stride <= c.Tokens; first++)
            Assert.Contains(parts, p => p.Start.Value <= first && first + c.Stride <= p.End.Value);
    });

    [Fact]
    public void Cut_WithAStrideThatDoesNotGoForward_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => ContextWindows.Cut(10, 4, 4));

    [Theory]
    [InlineData(10, 4, 1, "0-4 3-7 6-10")]
    [InlineData(9, 4, 2, "0-4 2-6 4-8 6-9")]
    [InlineData(4, 4, 2, "0-4")]
    [InlineData(0, 4, 2, "0-0")]
    public void Cut_OfKnownLengths_IsWhatHuggingFaceGives(int tokens, int room, int stride, string expected) =>
        Assert.Equal(expected, string.Join(' ', ContextWindows.Cut(tokens, room, stride).Select(p => $"{p.Start.Value}-{p.End.Value}")));

    [Fact]
    public void Locate_OfEveryTokenOfAnyText_GivesTheTextThatEncodesToIt() => (from text in Texts from question in Texts select (text, question)).Sample(c =>
    {
        var encoder = new QuestionEncoder(_model, WindowSettings.Of(_model, 12, stride: null, maxQuestionLength: null, maxAnswerLength: 30));
        var windows = encoder.Encode(c.question, c.text);
        var whole = _model.Tokenizer.EncodeToIds(c.text);
        for (var w = 0; w < windows.Texts.Count; w++)
        {
            var (ids, part) = (windows.Texts[w].Ids, windows.Parts[w]);
            Assert.InRange(ids.Length, 3, 12);
            Assert.Equal(whole[part], ids[windows.ContextPlace..^1]);
            for (var token = part.Start.Value; token < part.End.Value; token++)
            {
                var (start, end) = windows.Locate(token, token);
                Assert.InRange(start, 0, end - 1);
                var tokens = windows.TokensOf(start, end)!.Value;
                Assert.InRange(token, tokens.First, tokens.Last);
                Assert.Equal(windows.ContextPlace + token - part.Start.Value, windows.PlaceIn(w, (token, token)).Start);
            }
        }
    });

    [Fact]
    public void TokensOf_AnAnswer_GivesTheTokensThatItTouches()
    {
        var windows = new QuestionEncoder(_model, WindowSettings.Of(_model, 24, stride: null, maxQuestionLength: null, maxAnswerLength: 30)).Encode("Who?", "The cat sits near the mat.");
        var tokens = windows.TokensOf(4, 7)!.Value;
        Assert.Equal((4, 7), windows.Locate(tokens.First, tokens.Last));
        Assert.Null(windows.TokensOf(3, 4));
        Assert.Equal((0, 0), windows.PlaceIn(0, (0, 99)));
    }
}
