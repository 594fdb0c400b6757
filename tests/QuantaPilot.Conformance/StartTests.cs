using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>One run per Idempotency-Key and caller, however often and however many at once ask for it.</summary>
public sealed class StartTests : Scenario
{
    [Fact]
    public async Task Start_RepeatedWithItsKey_GivesTheSameRun()
    {
        var remote = await ServeAsync();
        var key = NewName("key");
        var first = await StartAsync(remote, key: key);

        Assert.Equal(first.Id, (await StartAsync(remote, key: key)).Id);
        await first.UntilAskedAsync();
        Assert.Equal(first.Id, (await StartAsync(remote, key: key)).Id);
        await first.ApproveAsync();
        await first.UntilEndAsync("completed");

        // Also after its end: it neither starts again nor loses anything.
        Assert.Equal(first.Id, (await StartAsync(remote, key: key)).Id);
        Assert.Equal("completed", (await first.GetAsync()).Text("status"));
        Assert.Equal(5, (await first.LogAsync()).Count);
        Assert.Equal([first.Id], Names(await Admin.ListAsync($"/runs?project={Uri.EscapeDataString(remote.Project)}", 50), "run_id"));
    }

    [Fact]
    public async Task Start_ByManyAtOnceWithOneKey_StartsOneRun()
    {
        const int Callers = 16;
        var remote = await ServeAsync();
        var key = NewName("key");

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => PostRunAsync(remote, key: key)));

        var run = Started(answers[0], remote);
        foreach (var answer in answers)
        {
            var accepted = answer.Expect(HttpStatusCode.Accepted);
            Assert.Equal(run.Id, accepted.Text("run_id"));
            Assert.Equal(answers[0].Expect(HttpStatusCode.Accepted).Text("correlation_id"), accepted.Text("correlation_id"));
        }
        await run.UntilAskedAsync();
        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], await run.LogNamesAsync());
        Assert.Equal([run.Id], Names(await Admin.ListAsync($"/runs?project={Uri.EscapeDataString(remote.Project)}", 50), "run_id"));
    }

    [Fact]
    public async Task Start_AnotherRequestUnderAKey_IsRefusedNamingTheRun()
    {
        var remote = await ServeAsync();
        var key = NewName("key");
        var run = await StartAsync(remote, key: key);

        var answer = await PostRunAsync(remote, "other", key: key);

        var problem = answer.ExpectProblem(HttpStatusCode.UnprocessableEntity, "idempotency_conflict");
        Assert.Equal(run.Id, problem.Text("run_id"));
    }

    [Fact]
    public async Task Start_WithTheKeyOfAnotherCaller_IsARunOfItsOwn()
    {
        var remote = await ServeAsync();
        var key = NewName("key");
        var ours = await StartAsync(remote, key: key);

        var theirs = await StartAsync(remote, key: key, by: await CallerAsync(["operator"]));

        Assert.NotEqual(ours.Id, theirs.Id);
    }

    [Fact]
    public async Task Start_WithoutAKey_IsANewRunEachTime()
    {
        var remote = await ServeAsync();

        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync(remote)));

        Assert.Equal(3, runs.Select(run => run.Id).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    public async Task Start_WithAKeyThatIsNone_IsRefused(string key)
    {
        var remote = await ServeAsync();

        (await PostRunAsync(remote, key: key)).ExpectInvalid("Idempotency-Key");
    }
}
