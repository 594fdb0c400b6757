using System.Net;
using System.Text.Json;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Conformance.Support;

/// <summary>
/// What scenarios are made of. Each has repositories of its own, so that they can run beside each other and beside whatever
/// else the server does; afterwards its runs are cancelled and its tokens revoked.
/// </summary>
public abstract class Scenario : IAsyncLifetime
{
    private readonly Lock _lock = new();
    private readonly List<Run> _runs = [];
    private readonly List<Api> _callers = [];
    private readonly List<Remote> _remotes = [];

    private protected ServerUnderTest Server { get; private set; } = null!;

    /// <summary>The caller of the settings.</summary>
    private protected Api Admin { get; private set; } = null!;

    /// <summary>The suite's agent, for scenarios with <see cref="AgentFactAttribute"/>.</summary>
    private protected RemoteAgent Agent => Server.Outside.Agent;

    public async Task InitializeAsync()
    {
        Server = await ServerUnderTest.GetAsync();
        Admin = new Api(Server.Url, Server.AdminToken, name: "admin");
    }

    public async Task DisposeAsync()
    {
        foreach (var run in _runs)
        {
            if (!Run.HasEnded(await run.GetAsync())) await CancelAsync(run);
        }
        foreach (var caller in _callers)
        {
            if (caller.TokenId.Length > 0) await Admin.SendAsync(HttpMethod.Delete, $"/tokens/{caller.TokenId}");
            caller.Dispose();
        }
        foreach (var remote in _remotes) await remote.DisposeAsync();
        Admin.Dispose();
    }

    /// <summary>A served repository with a README and, if given, a quantapilot.yml.</summary>
    private protected Task<Remote> ServeAsync(string? configuration = null) =>
        ServeFilesAsync(configuration is null ? [] : [("quantapilot.yml", configuration)]);

    private protected Task<Remote> ServeFilesAsync((string Path, string Text)[] files, string prefix = "")
    {
        return ServeAsync(Create, prefix);

        GitRepository Create(TempDirectory directory, string name)
        {
            var repository = new GitRepository(directory, name);
            repository.Commit("main", [("README.md", "# Sample\n\nGreets and leaves.\n"), .. files]);
            return repository;
        }
    }

    private protected async Task<Remote> ServeAsync(Func<TempDirectory, string, GitRepository> create, string prefix = "")
    {
        var remote = await Remote.ServeAsync(NewName(prefix + "repository"), create);
        lock (_lock) _remotes.Add(remote);
        return remote;
    }

    /// <summary>A caller with a token of its own.</summary>
    /// <param name="roles">What it may do.</param>
    /// <param name="projects">Where; everywhere if null.</param>
    /// <param name="name">Whom it stands for; somebody new if null.</param>
    private protected async Task<Api> CallerAsync(string[] roles, string[]? projects = null, string? name = null)
    {
        var created = (await Admin.PostAsync("/tokens", new { name = name ?? NewName(roles[0]), roles, projects = projects ?? ["*"] }))
            .Expect(HttpStatusCode.Created);
        return Own(new Api(Server.Url, created.Text("token"), created.Text("id"), created.Text("name")));
    }

    /// <summary>A caller with that token, or with none.</summary>
    private protected Api Caller(string? token) => Own(new Api(Server.Url, token));

    /// <summary>Starts a run of a repository on the suite's GitHub.</summary>
    private protected async Task<Run> StartAsync(FakeGitHubRepository repository) =>
        Started(await Admin.PostAsync("/run", new { repo_url = repository.Url, branch = "main" }), null);

    private protected Task<Answer> PostRunAsync(Remote remote, string branch = "main", Api? by = null, string? key = null) =>
        (by ?? Admin).PostAsync("/run", new { repo_url = remote.Url, branch }, key is null ? [] : [("Idempotency-Key", key)]);

    /// <summary>Starts a run.</summary>
    private protected async Task<Run> StartAsync(Remote remote, string branch = "main", Api? by = null, string? key = null) =>
        Started(await PostRunAsync(remote, branch, by, key), remote);

    /// <summary>Starts a run of a new repository and waits until it asks at its gate.</summary>
    private protected async Task<Run> StartWaitingAsync(string? configuration = null, Api? by = null)
    {
        var run = await StartAsync(await ServeAsync(configuration), by: by);
        await run.UntilAskedAsync();
        return run;
    }

    /// <summary>The run of an answer that must be 202, with what goes with that.</summary>
    private protected Run Started(Answer answer, Remote? remote)
    {
        var accepted = answer.Expect(HttpStatusCode.Accepted);
        var id = accepted.Text("run_id");
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.True(Guid.TryParseExact(accepted.Text("correlation_id"), "D", out _), accepted.ToString());
        Assert.Equal($"/runs/{id}", accepted.Text("status_url"));
        Assert.Equal($"/runs/{id}/events", accepted.Text("events_url"));
        Assert.EndsWith($"/runs/{id}", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
        var run = new Run(Admin, id, remote);
        lock (_lock) _runs.Add(run);
        return run;
    }

    /// <summary>A name that no earlier run of the suite has used.</summary>
    private protected static string NewName(string prefix) => $"{prefix}-{Guid.NewGuid().ToString("N")[..12]}";

    private protected static string[] Names(IEnumerable<JsonElement> items, string member) => [.. items.Select(item => item.Text(member))];

    private Api Own(Api api)
    {
        lock (_lock) _callers.Add(api);
        return api;
    }

    /// <summary>Waits for the end, so that the run no longer needs its repository.</summary>
    private static async Task CancelAsync(Run run)
    {
        var answer = await run.ControlAsync("cancel", "the scenario is over");
        // Conflict: it has ended by itself meanwhile.
        if (answer.Status != HttpStatusCode.Conflict) answer.Expect(HttpStatusCode.Accepted);
        await run.UntilEndAsync();
    }
}
