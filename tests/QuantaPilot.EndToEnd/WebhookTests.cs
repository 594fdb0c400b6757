using System.Net;

namespace QuantaPilot.EndToEnd;

public sealed class WebhookTests
{
    [Fact]
    public async Task Server_KilledWhileAnEventIsOnItsWay_SendsItAgainAndLosesNone()
    {
        using var directory = new TempDirectory();
        await using var receiver = await WebhookReceiver.StartAsync();
        var onItsWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // The first server never hears what became of the second event, which is in the log by then and nowhere else.
        receiver.Answer = (context, webhook) => webhook.Id.EndsWith(":2", StringComparison.Ordinal) && onItsWay.TrySetResult()
            ? Task.Delay(Timeout.Infinite, context.RequestAborted)
            : Task.CompletedTask;
        var repository = new GitRepository(directory, "repository");
        repository.Commit("main", ("README.md", "# Sample\n"), ("quantapilot.yml", "version: 1\ngates: { anchor: { required: false } }\n"));
        await using var server = new ServerProcess(directory.Combine("data"), "--allow", "file://*", "--allow-webhooks", "127.0.0.1");
        string runId, secret;
        using (var client = await server.StartAndWaitAsync())
        {
            var (status, body) = await client.SendAsync(HttpMethod.Post, "/subscriptions", new { url = receiver.Url });
            Assert.True(status == HttpStatusCode.Created, body.ToString());
            secret = body.GetProperty("secret").GetString()!;
            runId = await client.StartRunAsync(repository.Url);
            await onItsWay.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
        await server.KillAsync();

        using var again = await server.StartAndWaitAsync();
        var run = await again.WaitForEndAsync(runId);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        var log = (await again.ReadLogAsync(runId)).Select(e => e.GetProperty("id").GetString()!).ToList();
        var seen = new List<string>();
        while (!log.All(seen.Contains)) seen.Add((await receiver.NextAsync()).Id);
        Assert.Equal(2, seen.Count(id => id == $"{runId}:2"));
        Assert.Equal(log, seen.Distinct());
        Assert.DoesNotContain(secret, server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(receiver.Url, server.Log, StringComparison.Ordinal);
    }
}
