using System.Net;
using System.Text.Json;

namespace QuantaPilot.Conformance;

/// <summary>Who did what when.</summary>
public sealed class AuditTests : Scenario
{
    [Fact]
    public async Task Run_StartedDecidedAndCancelled_IsAccountedFor()
    {
        var starter = await CallerAsync(["operator"]);
        var approver = await CallerAsync(["approver"]);
        var run = await StartWaitingAsync(by: starter);
        (await run.DecideAsync(true, by: starter)).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
        (await run.DecideAsync(true, headSha: new string('f', 40), by: approver)).ExpectProblem(HttpStatusCode.Conflict, "stale");
        await run.ApproveAsync(by: approver);
        await run.UntilEndAsync("completed");

        var entries = await Admin.ListAsync($"/audit?run_id={run.Id}", 2);

        Assert.Equal(
            [
                ("approve_gate", "accepted", approver.Name, approver.TokenId),
                ("decide_gate", "refused", starter.Name, starter.TokenId),
                ("start_run", "accepted", starter.Name, starter.TokenId),
            ],
            entries.Select(entry => (entry.Text("action"), entry.Text("outcome"), entry.Text("actor"), entry.Text("actor_id"))));
        Assert.All(entries, entry => Assert.Equal([run.Remote.Project], entry.Items("projects").Select(project => project.GetString())));
        Assert.DoesNotContain("reads well", JsonSerializer.Serialize(entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_MadeAndRevoked_IsAccountedForAsJsonLines()
    {
        var name = NewName("admin");
        var admin = await CallerAsync(["admin"], name: name);
        var made = (await admin.PostAsync("/tokens", new { name = NewName("reader"), roles = new[] { "consumer" } }))
            .Expect(HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync(HttpMethod.Delete, $"/tokens/{made.Text("id")}")).Status);

        var export = await Admin.GetAsync($"/audit?actor={name}", ("Accept", "application/x-ndjson"));

        Assert.Equal("application/x-ndjson", export.ContentHeaders.ContentType?.MediaType);
        var entries = export.Text.TrimEnd('\n').Split('\n').Select(line => JsonElement.Parse(line)).ToList();
        Assert.Equal(["revoke_token", "create_token"], Names(entries, "action"));
        Assert.All(entries, entry => Assert.Equal(made.Text("id"), entry.Text("resource_id")));
    }

    [Fact]
    public async Task List_ForAnAdminOfOneProject_ShowsNoOther()
    {
        var (ours, theirs) = (await StartWaitingAsync(), await StartWaitingAsync());
        var us = await CallerAsync(["admin"], [ours.Remote.Project]);

        Assert.Equal([ours.Id], Names(await us.ListAsync($"/audit?run_id={ours.Id}", 50), "run_id"));
        Assert.Empty(await us.ListAsync($"/audit?run_id={theirs.Id}", 50));
        (await us.GetAsync("/audit?action=sleep")).ExpectInvalid("action");
    }
}
