using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>Lists: filters, order and pages.</summary>
public sealed class ListTests : Scenario
{
    private const int Count = 5;

    [Fact]
    public async Task Runs_InPages_ComeOnceEachNewestFirst()
    {
        var remote = await ServeAsync();
        var runs = new List<Run>();
        for (var i = 0; i < Count; i++) runs.Add(await StartAsync(remote));
        var query = $"/runs?project={Uri.EscapeDataString(remote.Project)}";
        var newestFirst = Enumerable.Reverse(runs).Select(run => run.Id).ToList();

        for (var limit = 1; limit <= Count; limit += 2) Assert.Equal(newestFirst, Names(await Admin.ListAsync(query, limit), "run_id"));
        // The address of the repository itself is good for a filter too.
        Assert.Equal(newestFirst, Names(await Admin.ListAsync($"/runs?project={Uri.EscapeDataString(remote.Url)}", Count), "run_id"));
    }

    [Fact]
    public async Task Runs_ByStatusAndCorrelation_AreThoseThatMatch()
    {
        var remote = await ServeAsync();
        var correlationId = Guid.NewGuid().ToString();
        var answer = await Admin.PostAsync("/run", new { repo_url = remote.Url, branch = "main", correlation_id = correlationId });
        var marked = Started(answer, remote);
        var other = await StartAsync(remote);
        await Task.WhenAll(marked.UntilAskedAsync(), other.UntilAskedAsync());
        (await other.DecideAsync(false, "no")).Expect(HttpStatusCode.OK);
        await other.UntilEndAsync("failed");
        var project = $"project={Uri.EscapeDataString(remote.Project)}";

        Assert.Equal([marked.Id], Names(await Admin.ListAsync($"/runs?correlation_id={correlationId}", 10), "run_id"));
        Assert.Equal([marked.Id], Names(await Admin.ListAsync($"/runs?{project}&status=waiting", 10), "run_id"));
        Assert.Equal([other.Id], Names(await Admin.ListAsync($"/runs?{project}&status=failed", 10), "run_id"));
        Assert.Empty(await Admin.ListAsync($"/runs?{project}&status=completed", 10));
        Assert.Empty(await Admin.ListAsync($"/runs?{project}&status=failed&correlation_id={correlationId}", 10));
    }

    [Fact]
    public async Task Gates_Pending_ComeOnceEachUntilTheyAreDecided()
    {
        var remote = await ServeAsync();
        var reader = await CallerAsync(["consumer"], [remote.Project]);
        var runs = await Task.WhenAll(StartAsync(remote), StartAsync(remote), StartAsync(remote));
        await Task.WhenAll(runs.Select(run => run.UntilAskedAsync()));

        Assert.Equal(runs.Select(run => run.Id).Order(), Names(await reader.ListAsync("/gates?status=pending", 1), "run_id").Order());
        (await runs[1].DecideAsync(false, "no")).Expect(HttpStatusCode.OK);

        Assert.Equal(new[] { runs[0].Id, runs[2].Id }.Order(), Names(await reader.ListAsync("/gates", 50), "run_id").Order());
    }

    [Theory]
    [InlineData("/runs?limit=0", "limit")]
    [InlineData("/runs?limit=201", "limit")]
    [InlineData("/runs?limit=x", "limit")]
    [InlineData("/runs?cursor=abc", "cursor")]
    [InlineData("/runs?status=done", "status")]
    [InlineData("/runs?correlation_id=x", "correlation_id")]
    [InlineData("/runs?project=x", "project")]
    [InlineData("/runs?state=running", "state")]
    [InlineData("/gates?status=approved", "status")]
    [InlineData("/gates?cursor=x", "cursor")]
    [InlineData("/events?after=x", "after")]
    public async Task List_ParameterAtFault_IsNamed(string path, string member) => (await Admin.GetAsync(path)).ExpectInvalid(member);
}
