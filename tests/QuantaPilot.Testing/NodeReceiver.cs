using System.Diagnostics;
using System.Text.Json;

namespace QuantaPilot.Testing;

/// <summary>
/// A receiver of webhooks that verifies them with the libraries <c>standardwebhooks</c> and <c>cloudevents</c>, on a free
/// loopback port. Installed by <c>npm ci --prefix tests/webhooks</c>, which scripts/test does.
/// </summary>
public sealed class NodeReceiver : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private NodeReceiver(Process process, int port)
    {
        _process = process;
        Url = $"http://127.0.0.1:{port}/";
    }

    public string Url { get; }

    /// <exception cref="InvalidOperationException">It is not installed, or did not start.</exception>
    public static async Task<NodeReceiver> StartAsync()
    {
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(FindDirectory(), "receiver.js"));
        var process = Process.Start(start)!;
        try
        {
            return new NodeReceiver(process, (await ReadAsync(process)).GetProperty("port").GetInt32());
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Says which secrets to verify with from now on.</summary>
    public async Task ExpectAsync(params string[] secrets)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(secrets));
        await _process.StandardInput.FlushAsync();
        Assert.Equal(secrets.Length, (await ReadAsync(_process)).GetProperty("secrets").GetInt32());
    }

    /// <summary>
    /// What it makes of the next request: <c>id</c>, <c>secret</c>, <c>verified</c> for each secret, <c>event</c>, <c>fault</c>.
    /// </summary>
    public Task<JsonElement> NextAsync() => ReadAsync(_process);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<JsonElement> ReadAsync(Process process)
    {
        using var late = new CancellationTokenSource(_patience);
        var line = await process.StandardOutput.ReadLineAsync(late.Token) ?? throw new InvalidOperationException("The receiver ended.");
        var told = JsonElement.Parse(line);
        if (told.TryGetProperty("event", out var e)) Leaks.CheckPublished("A webhook", e.GetRawText());
        return told;
    }

    private static string FindDirectory()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var webhooks = Path.Combine(directory.FullName, "tests", "webhooks");
            if (!File.Exists(Path.Combine(webhooks, "package.json"))) continue;
            return Directory.Exists(Path.Combine(webhooks, "node_modules", "standardwebhooks"))
                ? webhooks
                : throw new InvalidOperationException("The receiver is not installed: run npm ci --prefix tests/webhooks");
        }
        throw new InvalidOperationException($"There is no tests/webhooks above {AppContext.BaseDirectory}.");
    }
}
