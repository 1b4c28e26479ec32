namespace MlNetBert.HuggingFace.Tests;

public sealed class OptionsValidatorTests
{
    [Fact]
    public void ThrowIfAny_NoFault_DoesNothing() =>
        new OptionsValidator().Require(true, "A", 1, "must be").RequireRange("B", 0, 0, 1).ThrowIfAny("FooOptions");

    [Fact]
    public void ThrowIfAny_SeveralFaults_ListsThemAll()
    {
        var validator = new OptionsValidator()
            .Require(false, "Epochs", 0, "must be at least 1")
            .Require(false, "Name", "x", "must be 'y'")
            .Require(false, "Items", new[] { 1, 2 }, "must be empty")
            .Require(false, "Path", null, "must be set")
            .RequireRange("Rate", double.NaN, 0)
            .RequireRange("Share", 1.5, 0, 1);
        var exception = Assert.Throws<InvalidOptionsException>(() => validator.ThrowIfAny("FooOptions"));
        Assert.Equal(
            [
                "Epochs must be at least 1, but is 0", "Name must be 'y', but is 'x'", "Items must be empty, but is [1, 2]", "Path must be set, but is null",
                "Rate must be at least 0, but is NaN", "Share must be from 0 to 1, but is 1.5",
            ],
            exception.Errors);
        Assert.All(exception.Errors, fault => Assert.Contains(fault, exception.Message, StringComparison.Ordinal));
        Assert.StartsWith("FooOptions has 6 faults", exception.Message, StringComparison.Ordinal);
    }
}
