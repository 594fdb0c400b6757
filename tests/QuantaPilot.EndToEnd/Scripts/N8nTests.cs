using System.Net;
using System.Text.Json;
using Reviewers = QuantaPilot.Testing.WebhookReceiver;

namespace QuantaPilot.EndToEnd.Scripts;

/// <summary>
/// The workflow of scripts/n8n in n8n itself, where that is installed (it is too large, 3 GB, to be installed for a test): a form
/// starts a run, events call the workflow, and forms decide its gates. Elsewhere <see cref="RunScriptTests"/> carry it out.
/// </summary>
public sealed class N8nTests
{
    [ProgramsFact("n8n")]
    public async Task Workflow_InN8nItself_LeadsRunsToTheirEnds()
    {
        using var directory = new TempDirectory();
        await using var server = new ServerProcess(
            directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*", "--allow-webhooks", "127.0.0.1");
        using var client = await server.StartAndWaitAsync();
        await using var reviewers = await Reviewers.StartAsync();
        await using var n8n = new N8n();
        await n8n.StartAsync((server.Url, server.ReadToken()), await SubscribeAsync(client, n8n.Webhook), reviewers.Url);

        var approved = SamplePipeline.Create(directory, "approved");
        Assert.Equal(HttpStatusCode.OK, await n8n.StartRunAsync(approved.Url, "main"));
        foreach (var gate in SamplePipeline.Gates) await DecideAsync(n8n, reviewers, gate, "Approve", "reads well");
        Assert.Equal("completed", await EndAsync(client, approved));
        SamplePipeline.AssertMergedOnce(approved);

        var rejected = SamplePipeline.Create(directory, "rejected");
        Assert.Equal(HttpStatusCode.OK, await n8n.StartRunAsync(rejected.Url, "main"));
        await DecideAsync(n8n, reviewers, "anchor", "Reject", "too thin");
        Assert.Equal("failed: Gate anchor was rejected: too thin", await EndAsync(client, rejected));
        Assert.DoesNotContain(server.ReadToken(), n8n.Log, StringComparison.Ordinal);
    }

    private static async Task<string> SubscribeAsync(QpClient client, Uri webhook)
    {
        var filter = new { events = new[] { "gate_requested", "run_completed", "run_failed" } };
        var (status, subscription) = await client.SendAsync(
            HttpMethod.Post, "/subscriptions", new { url = webhook, filter, secret_header = true });
        Assert.True(status == HttpStatusCode.Created, subscription.ToString());
        return subscription.GetProperty("secret_header").GetProperty("value").GetString()!;
    }

    /// <summary>As a reviewer who is told of a gate and follows the link.</summary>
    private static async Task DecideAsync(N8n n8n, Reviewers reviewers, string gate, string decision, string reason)
    {
        var told = JsonDocument.Parse((await reviewers.NextAsync()).Body).RootElement;
        Assert.Equal(gate, told.GetProperty("gate").GetString());
        Assert.Matches("^[0-9a-f]{40}$", told.GetProperty("head_sha").GetString());
        Assert.NotEmpty(told.GetProperty("asks").GetString()!);
        var form = new Uri(told.GetProperty("form_url").GetString()!);
        await n8n.WaitForFormAsync(form);
        Assert.Equal(HttpStatusCode.OK, await n8n.DecideAsync(form, decision, reason));
    }

    private static async Task<string> EndAsync(QpClient client, GitRepository repository)
    {
        var (_, runs) = await client.SendAsync(HttpMethod.Get, "/runs");
        var ids = runs.GetProperty("items").EnumerateArray()
            .Where(run => repository.Url.StartsWith(run.GetProperty("repo_url").GetString()!, StringComparison.Ordinal));
        var run = await client.WaitForEndAsync(ids.Single().GetProperty("run_id").GetString()!);
        var status = run.GetProperty("status").GetString()!;
        return run.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? $"{status}: {error.GetProperty("message")}"
            : status;
    }
}
