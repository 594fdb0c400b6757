using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace QuantaPilot.Testing.GitHub;

/// <summary>
/// A GitHub that answers from GitHub's own description of its API and refuses requests that it does not allow, on a free loopback
/// port. Installed by <c>npm ci --prefix tests/github</c>, which scripts/test does.
/// </summary>
public sealed class DescribedGitHub : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<JsonElement> _seen = [];
    private readonly SemaphoreSlim _set = new(0);

    private DescribedGitHub(Process process, int port)
    {
        _process = process;
        Host = $"127.0.0.1:{port}";
        _ = ReadOnAsync();
    }

    /// <summary>Host and port. The API is at the root.</summary>
    public string Host { get; }

    /// <summary>The operations that were asked for, as the description names them, sorted.</summary>
    public IReadOnlyList<string> Operations => Seen("operation");

    /// <summary>What is wrong with the requests that were refused.</summary>
    public IReadOnlyList<string> Refusals
    {
        get
        {
            lock (_seen)
            {
                return [.. _seen.Where(line => line.GetProperty("refused").ValueKind == JsonValueKind.String)
                    .Select(line => $"{line.GetProperty("request")}: {line.GetProperty("refused")}")];
            }
        }
    }

    /// <exception cref="InvalidOperationException">It is not installed, or did not start.</exception>
    public static async Task<DescribedGitHub> StartAsync()
    {
        var directory = RepositoryFiles.PathOf("tests/github");
        if (!Directory.Exists(Path.Combine(directory, "node_modules", "@octokit", "openapi")))
            throw new InvalidOperationException("GitHub's description is not installed: run npm ci --prefix tests/github --ignore-scripts");
        var start = new ProcessStartInfo("node", [Path.Combine(directory, "server.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        try
        {
            using var late = new CancellationTokenSource(_patience);
            var line = await process.StandardOutput.ReadLineAsync(late.Token) ?? throw new InvalidOperationException("It ended.");
            return new DescribedGitHub(process, JsonElement.Parse(line).GetProperty("port").GetInt32());
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Has a request answered from now on with the described answer of a code, or with members other than the example's.</summary>
    public async Task AnswerAsync(string request, int? code = null, JsonObject? merge = null)
    {
        var wish = new JsonObject { ["request"] = request, ["code"] = code, ["merge"] = merge };
        await _process.StandardInput.WriteLineAsync(wish.ToJsonString());
        await _process.StandardInput.FlushAsync();
        Assert.True(await _set.WaitAsync(_patience));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _set.Dispose();
    }

    private async Task ReadOnAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var said = JsonElement.Parse(line);
            if (said.TryGetProperty("set", out _))
            {
                _set.Release();
                continue;
            }
            lock (_seen) _seen.Add(said);
        }
    }

    private List<string> Seen(string member)
    {
        lock (_seen) return [.. _seen.Select(line => line.GetProperty(member).GetString()!).Distinct().Order(StringComparer.Ordinal)];
    }
}
