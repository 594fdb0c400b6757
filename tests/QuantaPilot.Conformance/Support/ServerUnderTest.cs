using System.Net;

namespace QuantaPilot.Conformance.Support;

/// <summary>The server that the suite tests: the one that the settings name, else a standalone host of its own.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    /// <summary>The login whose comments on pull requests are votes.</summary>
    public const string Approver = "conformance";

    private static readonly Lazy<Task<ServerUnderTest>> One = new(FindAsync);

    private readonly TempDirectory? _directory;
    private readonly ServerProcess? _process;

    private ServerUnderTest(
        Uri url, string adminToken, string kind, Outside outside, TempDirectory? directory = null, ServerProcess? process = null)
    {
        Outside = outside;
        Url = url;
        AdminToken = adminToken;
        Kind = kind;
        _directory = directory;
        _process = process;
    }

    public Uri Url { get; }

    public string AdminToken { get; }

    /// <summary>What kind of host it is, as far as is known.</summary>
    public string Kind { get; }

    /// <summary>What it knows beside repositories.</summary>
    public Outside Outside { get; }

    /// <summary>Ready when this returns; the same for all scenarios.</summary>
    public static Task<ServerUnderTest> GetAsync() => One.Value;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        await Outside.DisposeAsync();
        _directory?.Dispose();
    }

    private static async Task<ServerUnderTest> FindAsync()
    {
        Settings.Check();
        var outside = await Outside.StartAsync();
        return Settings.Url is { } url ? await ConnectAsync(new Uri(url), Settings.Token!, outside) : await StartAsync(outside);
    }

    private static async Task<ServerUnderTest> StartAsync(Outside outside)
    {
        var (options, variables) = outside.ForServer();
        var directory = new TempDirectory();
        var process = new ServerProcess(
            directory.Combine("data"),
            [
                "--allow", "http://127.0.0.1:*",
                "--allow-commands", $"http://127.0.0.1:*/{Remote.CommandsPrefix}*",
                "--allow-webhooks", "127.0.0.1",
                "--github-approver", Approver,
                "--max-running-per-project", "2",
                .. options,
            ]);
        foreach (var (name, value) in variables) process.Variables[name] = value;
        process.Variables["QP_GITHUB_WEBHOOK_SECRET"] = Settings.HookSecret!;
        try
        {
            using var client = await process.StartAndWaitAsync();
            return new ServerUnderTest(process.Url, process.ReadToken(), "standalone host, started for this", outside, directory, process);
        }
        catch
        {
            await process.DisposeAsync();
            directory.Dispose();
            throw;
        }
    }

    private static async Task<ServerUnderTest> ConnectAsync(Uri url, string token, Outside outside)
    {
        using var api = new Api(url, token);
        var ready = await Patiently.UntilAsync(
            () => api.GetAsync("/readyz"), answer => answer.Status == HttpStatusCode.OK, $"{url} did not get ready");
        ready.Expect(HttpStatusCode.OK);
        // An admin token, or most scenarios would fail for a reason that they can't know.
        (await api.GetAsync("/tokens")).Expect(HttpStatusCode.OK);
        // A Functions host answers this path itself; on the standalone host it is one that the API does not know.
        var ping = await api.GetAsync("/admin/host/ping");
        var isApi = ping.ContentHeaders.ContentType?.MediaType == "application/problem+json";
        return new ServerUnderTest(url, token, isApi ? "standalone host" : "Functions host", outside);
    }
}
