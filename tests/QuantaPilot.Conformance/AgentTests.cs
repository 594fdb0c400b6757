using System.Net;
using System.Text;
using System.Text.Json;

namespace QuantaPilot.Conformance;

/// <summary>Agents elsewhere: tasks that are posted to them, and their signed answers.</summary>
public sealed class AgentTests : Scenario
{
    private const string Gate = "milestone:M-001";

    [AgentFact]
    public async Task Task_AnsweredWithFiles_IsReviewedAndMergedOnce()
    {
        var run = await StartAsync(await ServeFilesAsync([("quantapilot.yml", AgentPipeline.OneTask), ("old.txt", "old\n")]));
        var task = await Agent.NextTaskAsync(run.Remote);
        Assert.Equal((run.Id, "M-001/1", "main"), (task.Text("run_id"), task.Step, task.Text("branch")));
        Assert.Equal("greet.sh says hello", task.Text("prompt"));
        Assert.Equal(run.Remote.Head("main"), task.Text("base_commit"));
        Assert.Equal(["it says hello"], task.Json.Items("criteria").Select(text => text.GetString()));

        await Agent.AnswerAsync(task, new
        {
            status = "succeeded",
            summary = "It says hello.",
            files = new object[]
            {
                new { path = "greet.sh", content = "echo hello\n" },
                new { path = "data/logo.bin", content_base64 = "AAEC/w==" },
                new { path = "old.txt", deleted = true },
            },
        });
        var review = (await run.UntilAskedAsync(gate: Gate)).GetProperty("review");
        Assert.Contains("It says hello.", review.Text("summary"), StringComparison.Ordinal);
        Assert.Equal(run.Remote.Head($"quantapilot/{run.Id}/M-001"), review.Text("head_sha"));
        await run.ApproveAsync(Gate);

        await run.UntilEndAsync("completed");
        Assert.Equal("echo hello", run.Remote.Repository.Git("show", "main:greet.sh"));
        Assert.Equal("4", run.Remote.Repository.Git("cat-file", "-s", "main:data/logo.bin"));
        Assert.DoesNotContain("old.txt", run.Remote.Files);
        Assert.Equal(3, run.Remote.Subjects.Count);
    }

    [AgentFact]
    public async Task Answer_SignedWithAnotherSecret_IsRefusedAndTheTaskStaysOpen()
    {
        var run = await StartAsync(await ServeAsync(AgentPipeline.OneTask));
        var task = await Agent.NextTaskAsync(run.Remote);

        var (status, body) = await Agent.CallBackAsync(task, new { status = "failed", message = "no" }, key: new byte[32]);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("unauthenticated", body, StringComparison.Ordinal);
        await Agent.WriteAsync(task, "greet.sh", "echo hello\n");
        await run.UntilAskedAsync(gate: Gate);
    }

    [AgentFact]
    public async Task Answer_GivenTwice_IsConfirmedAgainIfItIsTheSame()
    {
        var run = await StartAsync(await ServeAsync(AgentPipeline.OneTask));
        var task = await Agent.NextTaskAsync(run.Remote);
        object Answer(string content) => new { status = "succeeded", files = new[] { new { path = "greet.sh", content } } };

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Agent.CallBackAsync(task, Answer("echo hello\n"))));
        var other = await Agent.CallBackAsync(task, Answer("echo goodbye\n"));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, answers[0].Body), answer));
        Assert.Equal(HttpStatusCode.Conflict, other.Status);
        Assert.Contains("answered otherwise", other.Body, StringComparison.Ordinal);
        await run.UntilAskedAsync(gate: Gate);
        Assert.Equal("echo hello", run.Remote.Repository.Git("show", $"quantapilot/{run.Id}/M-001:greet.sh"));
        var entries = await Admin.ListAsync($"/audit?run_id={run.Id}&action=answer_task", 50);
        Assert.Contains("accepted", Names(entries, "outcome"));
        Assert.All(entries, entry => Assert.Equal(RemoteAgent.Name, entry.Text("actor")));
    }

    [AgentFact]
    public async Task Answer_ThatTheAgentFailed_EndsTheRunWithItsWordsAndIsTheLast()
    {
        var run = await StartAsync(await ServeAsync(AgentPipeline.OneTask));
        var task = await Agent.NextTaskAsync(run.Remote);

        await Agent.AnswerAsync(task, new { status = "failed", message = "The compiler says no." });

        var ended = await run.UntilFailureAsync("agent_failed");
        Assert.Contains("The compiler says no.", ended.GetProperty("error").Text("message"), StringComparison.Ordinal);
        var late = await Agent.CallBackAsync(task, new { status = "succeeded" });
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Equal(["run_started", "documentation_generated", "run_failed"], await run.LogNamesAsync());
    }

    [AgentFact]
    public async Task Cancel_WhileTheAgentWorks_EndsTheRunAndTakesNoAnswer()
    {
        var run = await StartAsync(await ServeAsync(AgentPipeline.OneTask));
        var task = await Agent.NextTaskAsync(run.Remote);

        (await run.ControlAsync("cancel", "not now")).Expect(HttpStatusCode.Accepted);

        await run.UntilEndAsync("cancelled");
        Assert.Equal(HttpStatusCode.Conflict, (await Agent.CallBackAsync(task, new { status = "succeeded" })).Status);
        Assert.DoesNotContain("greet.sh", run.Remote.Files);
    }

    [AgentFact]
    public async Task Answer_AfterTheAgentsTimeIsUp_IsTooLate()
    {
        var run = await StartAsync(await ServeAsync(AgentPipeline.OneTask.Replace("timeout: 1h", "timeout: 1s", StringComparison.Ordinal)));
        var task = await Agent.NextTaskAsync(run.Remote);

        await run.UntilFailureAsync("agent_timed_out");

        Assert.Equal(HttpStatusCode.Conflict, (await Agent.CallBackAsync(task, new { status = "succeeded" })).Status);
    }

    [AgentFact]
    public async Task Answer_WithoutASignatureOrToATaskThatIsNot_IsRefused()
    {
        var run = await StartAsync(await ServeAsync(AgentPipeline.OneTask));
        var task = await Agent.NextTaskAsync(run.Remote);
        var path = new Uri(task.CallbackUrl).PathAndQuery;

        using var body = new StringContent("""{"status":"succeeded"}""", Encoding.UTF8, "application/json");
        (await Admin.SendAsync(HttpMethod.Post, path, body)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");

        var (status, _) = await Agent.CallBackAsync(
            task with { Json = JsonOf(task.CallbackUrl[..^1] + "7") }, new { status = "succeeded" });
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal("running", (await run.GetAsync()).Text("status"));

        static JsonElement JsonOf(string url) =>
            JsonSerializer.SerializeToElement(new { callback_url = url });
    }
}
