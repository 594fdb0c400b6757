using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Command;

namespace QuantaPilot.Integrations.Tests.Command;

/// <summary>What real programs write to the file that QP_USAGE_FILE names.</summary>
public sealed class UsageFileTests : IDisposable
{
    private readonly TestWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("true", 0, "0")]
    [InlineData("""printf '{"tokens": 1200, "usd": 0.03}' > "$QP_USAGE_FILE" """, 1200, "0.03")]
    [InlineData("""printf '{"tokens":150}\n' > "$QP_USAGE_FILE" """, 150, "0")]
    [InlineData("""printf '{"usd": 1e-2}' > "$QP_USAGE_FILE" """, 0, "0.01")]
    [InlineData("""printf '{}' > "$QP_USAGE_FILE" """, 0, "0")]
    [InlineData("""printf '{"tokens": 1000000000000, "usd": 1000000}' > "$QP_USAGE_FILE" """, 1_000_000_000_000, "1000000")]
    [InlineData("""printf '{"tokens": 1}' > "$QP_USAGE_FILE"; rm "$QP_USAGE_FILE" """, 0, "0")]
    public async Task RunAsync_UsageAsItMustBeOrNone_Counts(string script, long tokens, string usd)
    {
        _workspace.Script("agent.sh", script);

        var result = await RunAsync();

        Assert.Equal((tokens, decimal.Parse(usd, CultureInfo.InvariantCulture)), (result.Usage!.Tokens, result.Usage.Usd));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1200")]
    [InlineData("[1200]")]
    [InlineData("{")]
    [InlineData("""{"tokens": 1200""")]
    [InlineData("""{"tokens": "1200"}""")]
    [InlineData("""{"tokens": null}""")]
    [InlineData("""{"tokens": 0.5}""")]
    [InlineData("""{"tokens": -1}""")]
    [InlineData("""{"usd": -0.01}""")]
    [InlineData("""{"cents": 3}""")]
    [InlineData("""{"tokens": 1000000000001}""")]
    [InlineData("""{"tokens": 9223372036854775807}""")]
    [InlineData("""{"tokens": 99999999999999999999}""")]
    [InlineData("""{"usd": 1000000.01}""")]
    [InlineData("""{"usd": 79228162514264337593543950335}""")]
    [InlineData("""{"usd": 1e400}""")]
    public async Task RunAsync_UsageAtFault_FailsSayingWhatIsAcceptedAndNotWhatWasThere(string text)
    {
        await File.WriteAllTextAsync(_workspace["usage.json"], text);
        _workspace.Script("agent.sh", "cp usage.json \"$QP_USAGE_FILE\"");

        var error = await Assert.ThrowsAsync<StepException>(RunAsync);

        Assert.Equal((ErrorCodes.AgentFailed, false), (error.Code, error.IsTransient));
        Assert.Equal((0, 0m), (error.Usage!.Tokens, error.Usage.Usd));
        Assert.Equal(
            "The file named by QP_USAGE_FILE is not as it must be. Accepted is a JSON object such as {\"tokens\": 1200, \"usd\": 0.03}: "
            + "tokens a whole number from 0 to 1000000000000, usd from 0 to 1000000.",
            error.Message);
    }

    [Theory]
    [InlineData("""head -c 5000 /dev/zero | tr '\0' ' ' > "$QP_USAGE_FILE" """)]
    [InlineData("""echo '{"tokens": 1}' > usage.json; ln -s "$PWD/usage.json" "$QP_USAGE_FILE" """)]
    [InlineData("""ln -s /dev/zero "$QP_USAGE_FILE" """)]
    [InlineData("""mkfifo "$QP_USAGE_FILE" """)]
    public async Task RunAsync_UsageInWhatIsNoSmallFile_FailsAtOnce(string script)
    {
        _workspace.Script("agent.sh", script);

        var error = await Assert.ThrowsAsync<StepException>(() => RunAsync().WaitAsync(TimeSpan.FromMinutes(1)));

        Assert.StartsWith("The file named by QP_USAGE_FILE is not as it must be.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ProgramFails_CountsWhatItUsedUp()
    {
        _workspace.Script("agent.sh", """printf '{"tokens": 70}' > "$QP_USAGE_FILE"; exit 1""");

        var error = await Assert.ThrowsAsync<StepException>(RunAsync);

        Assert.Equal(70, error.Usage!.Tokens);
        Assert.Contains("ended with exit code 1", error.Message, StringComparison.Ordinal);
    }

    private Task<AgentResult> RunAsync()
    {
        var agent = new CommandAgent(new CommandOptions { AllowedRepositories = [TestWorkspace.RepoUrl] }, new FakeTimeProvider());
        return Task.Run(() => agent.RunAsync(TestWorkspace.Task("./agent.sh"), _workspace, default));
    }
}
