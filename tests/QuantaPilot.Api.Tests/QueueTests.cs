using System.Net;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

public sealed class QueueTests : IAsyncLifetime
{
    private static readonly ConcurrencyLimits Limits = new() { Running = 2, RunningPerProject = 1 };
    private static readonly string[] Projects =
        ["https://example.com/org/a", "https://example.com/org/a", "https://example.com/org/b", "https://example.com/org/c"];
    private ApiHost _host = null!;

    public async Task InitializeAsync() =>
        _host = await ApiHost.StartAsync(configure: services => services.AddSingleton(Limits));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Start_WithLimits_TellsTheOrchestrationWhatItCountsFor()
    {
        using var answer = await _host.Admin.PostAsync(
            "/run", ApiHost.Json("""{"repo_url":"https://example.com/org/project.git","branch":"main"}"""));

        var accepted = await answer.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted);
        Assert.Equal(new AdmissionKey("https://example.com/org/project", "main"), _host.Engine.Started[$"{accepted.RunId}"].Admission);
    }

    [Fact]
    public async Task Get_QueuedRuns_ShowTheirPlacesAndWhatTheyWaitFor()
    {
        var runs = await QueueAsync();

        var shown = new List<RunResource>();
        foreach (var run in runs) shown.Add(await (await _host.Admin.GetAsync($"/runs/{run}")).OkAsync(CoreJson.Default.RunResource));

        Assert.Equal([null, 1, null, 2], shown.Select(run => run.QueuePosition));
        Assert.Equal([null, "host", null, "host"], shown.Select(run => run.QueuedFor));
        await _host.Admission.UpdateAsync(book => book.Leave(runs[2], new ConcurrencyLimits { Running = 1 }), default);
        var second = await (await _host.Admin.GetAsync($"/runs/{runs[1]}")).OkAsync(CoreJson.Default.RunResource);
        Assert.Equal((1, "project"), (second.QueuePosition, second.QueuedFor));
    }

    [Fact]
    public async Task List_QueuedRuns_ShowTheirPlaces()
    {
        var runs = await QueueAsync();

        var page = await (await _host.Admin.GetAsync("/runs?status=queued")).OkAsync(CoreJson.Default.ResourcePageRunResource);

        Assert.Equal([(runs[3], (int?)2), (runs[1], 1)], page.Items.Select(run => (run.RunId, run.QueuePosition)));
    }

    [Theory]
    [InlineData("pause", RunSignalKind.Pause)]
    [InlineData("cancel", RunSignalKind.Cancel)]
    public async Task Control_OfAQueuedRun_Signals(string action, RunSignalKind kind)
    {
        var runs = await QueueAsync();

        using var answer = await _host.Admin.PostAsync($"/runs/{runs[1]}/{action}", null);

        Assert.Equal(1, (await answer.OkAsync(CoreJson.Default.RunResource, HttpStatusCode.Accepted)).QueuePosition);
        Assert.Equal(kind, Assert.Single(_host.Engine.Raised).Signal.Kind);
    }

    /// <summary>Two work, one of them on the first project; two wait.</summary>
    private async Task<IReadOnlyList<RunId>> QueueAsync()
    {
        var runs = new List<RunId>();
        foreach (var project in Projects)
        {
            var id = RunId.From(Guid.CreateVersion7());
            await _host.Admission.UpdateAsync(book => book.Take(id, new AdmissionKey(project, "main"), 1, Limits), default);
            var working = (await _host.Admission.ReadAsync(default)).Find(id)!.State == AdmissionState.Working;
            RunEvent first = working ? Scenario.Started() : new RunQueued { Revision = 1, At = Scenario.Start };
            runs.Add(await _host.AddRunAsync(Scenario.Run(project, id), first));
        }
        return runs;
    }
}
