using QuantaPilot.EndToEnd.Scripts;

namespace QuantaPilot.EndToEnd.Examples;

/// <summary>examples/http-rework: its agent as a process of its own, a real server, and a reviewer who is not content at first.</summary>
public sealed class HttpReworkTests : IDisposable
{
    private const string Secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private const string Gate = "milestone:M-001";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [ProgramsFact("node")]
    public async Task Reject_WithAReason_BringsOtherWorkThatIsMerged()
    {
        var variables = new Dictionary<string, string> { ["QP_AGENT_SECRET_TRANSLATOR"] = Secret };
        using var agent = QpProcess.StartProgram(
            RepositoryFiles.PathOf("examples/http-rework"), variables, "node", "agent/server.mjs", "0");
        await agent.WaitForAsync("/\n");
        await using var server = new ServerProcess(
            _directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*", "--allow-webhooks", "127.0.0.1",
            "--agent", $"translator={agent.Output.Trim()}");
        server.Variables["QP_AGENT_SECRET_TRANSLATOR"] = Secret;
        using var client = await server.StartAndWaitAsync();
        var repository = ExampleProject.Create(_directory, "http-rework");

        var runId = await client.StartRunAsync(repository.Url);
        var first = await client.WaitForEventAsync(runId, "gate_requested");
        Assert.Contains("informal form", await SummaryAsync(client, runId), StringComparison.Ordinal);
        await client.DecideAsync(runId, Gate, false, "Use the polite form, please.");
        await client.WaitForEventAsync(runId, "gate_requested", first.GetProperty("sequence").GetInt32());
        Assert.Contains("polite form", await SummaryAsync(client, runId), StringComparison.Ordinal);
        await client.DecideAsync(runId, Gate, true);
        var run = await client.WaitForEndAsync(runId);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        var phrases = repository.Git("show", "main:phrases/de.json");
        Assert.Contains("Können Sie mir helfen?", phrases, StringComparison.Ordinal);
        Assert.DoesNotContain("Kannst du", phrases, StringComparison.Ordinal);
    }

    private static async Task<string> SummaryAsync(QpClient client, string runId)
    {
        var gates = (await client.GetRunAsync(runId)).GetProperty("gates").EnumerateArray();
        return gates.Last().GetProperty("review").GetProperty("summary").GetString()!;
    }
}
