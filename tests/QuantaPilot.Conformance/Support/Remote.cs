using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Conformance.Support;

/// <summary>What a git client asks a remote.</summary>
internal enum RemoteRequest
{
    /// <summary>Anything.</summary>
    Any,

    /// <summary>The branches, to push to one.</summary>
    BranchesToPush,

    /// <summary>To take a push.</summary>
    Push,
}

/// <summary>One repository, served over HTTP on loopback by git itself, that can fail, hold requests and lose answers.</summary>
internal sealed class Remote : IAsyncDisposable
{
    /// <summary>Repositories of this name may start programs, where the server is set so.</summary>
    public const string CommandsPrefix = "commands-";

    private readonly Lock _lock = new();
    private readonly List<Plan> _plans = [];
    private readonly List<Hold> _holds = [];
    private readonly TempDirectory _directory;
    private readonly GitHttpServer _server;

    private Remote(TempDirectory directory, GitHttpServer server, GitRepository repository)
    {
        _directory = directory;
        _server = server;
        _server.Intercept = AnswerAsPlannedAsync;
        Repository = repository;
    }

    public GitRepository Repository { get; }

    public string Url => _server.UrlOf(Repository);

    /// <summary>The URL as token scopes and filters know it.</summary>
    public string Project => Url[..^".git".Length];

    public IReadOnlyList<string> Subjects => Repository.Lines("log", "--format=%s", "main");

    public IReadOnlyList<string> Files => Repository.Lines("ls-tree", "-r", "--name-only", "main");

    /// <param name="name">Unique among all repositories that were ever used with the server under test.</param>
    /// <param name="create">Makes the repository of that name in the directory.</param>
    public static async Task<Remote> ServeAsync(string name, Func<TempDirectory, string, GitRepository> create)
    {
        var directory = new TempDirectory();
        return new Remote(directory, await GitHttpServer.StartAsync(directory.Path), create(directory, name));
    }

    public string Head(string branch) => Repository.Git("rev-parse", $"refs/heads/{branch}");

    /// <summary>Answers the next requests with HTTP 503.</summary>
    public void Fail(int times) => Add(RemoteRequest.Any, times, context =>
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.FromResult(true);
    });

    /// <summary>Carries out the next such request, but drops the connection instead of answering.</summary>
    public void LoseAnswer(RemoteRequest request) => Add(request, 1, context =>
    {
        context.Response.OnStarting(() =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        return Task.FromResult(false);
    });

    /// <summary>Holds the next such request until it is released: the step that made it is in hand for as long as is wanted.</summary>
    public Hold HoldNext(RemoteRequest request)
    {
        var hold = new Hold();
        lock (_lock) _holds.Add(hold);
        Add(request, 1, async context =>
        {
            await hold.KeepAsync(context.RequestAborted);
            return false;
        });
        return hold;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            foreach (var hold in _holds) hold.Release();
        }
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    private void Add(RemoteRequest request, int times, Func<HttpContext, Task<bool>> answer)
    {
        lock (_lock) _plans.Add(new Plan(request, answer) { Left = times });
    }

    private Task<bool> AnswerAsPlannedAsync(HttpContext context)
    {
        Plan? plan;
        lock (_lock)
        {
            plan = _plans.FirstOrDefault(p => p.Left > 0 && Is(p.Request, context.Request));
            if (plan is not null) plan.Left--;
        }
        return plan is null ? Task.FromResult(false) : plan.Answer(context);
    }

    private static bool Is(RemoteRequest kind, HttpRequest request) => kind switch
    {
        RemoteRequest.Any => true,
        RemoteRequest.BranchesToPush => request.Query["service"] == "git-receive-pack",
        RemoteRequest.Push => request.Method == "POST" && request.Path.Value!.EndsWith("/git-receive-pack", StringComparison.Ordinal),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private sealed record Plan(RemoteRequest Request, Func<HttpContext, Task<bool>> Answer)
    {
        public int Left { get; set; }
    }
}

/// <summary>A request that a remote holds.</summary>
internal sealed class Hold
{
    private readonly TaskCompletionSource<bool> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until the request has come.</summary>
    public Task UntilReachedAsync() => Patiently.WaitAsync(_reached.Task, "The run did not get to the request that is to be held");

    public void Release() => _released.TrySetResult();

    public async Task KeepAsync(CancellationToken aborted)
    {
        _reached.TrySetResult(true);
        await _released.Task.WaitAsync(aborted);
    }
}
