using System.Diagnostics;
using System.Text.RegularExpressions;

namespace QuantaPilot.Testing;

/// <summary>
/// Microsoft's emulator of Azure Storage, in memory, on free loopback ports. Installed by <c>npm ci --prefix tests/azurite</c>,
/// which scripts/test does. Starts within a few seconds, so tests share one and take table prefixes of their own.
/// </summary>
public sealed partial class Azurite : IAsyncDisposable
{
    /// <summary>The account and key that Microsoft's documentation gives for every emulator.</summary>
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly TimeSpan _startTime = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private Azurite(Process process, string connectionString)
    {
        _process = process;
        ConnectionString = connectionString;
    }

    /// <summary>For blobs, queues and tables.</summary>
    public string ConnectionString { get; }

    /// <exception cref="InvalidOperationException">It is not installed, or did not start.</exception>
    public static async Task<Azurite> StartAsync()
    {
        var directory = FindDirectory();
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            Path.Combine(directory, "start.js"), "--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            "--blobHost", "127.0.0.1", "--blobPort", "0",
            "--queueHost", "127.0.0.1", "--queuePort", "0",
            "--tableHost", "127.0.0.1", "--tablePort", "0",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        try
        {
            var urls = new Dictionary<string, string>(StringComparer.Ordinal);
            using var late = new CancellationTokenSource(_startTime);
            while (urls.Count < 3)
            {
                var line = await process.StandardOutput.ReadLineAsync(late.Token)
                    ?? throw new InvalidOperationException(
                        $"Azurite did not start: {await process.StandardError.ReadToEndAsync(late.Token)}");
                if (Listening().Match(line) is { Success: true } match) urls[match.Groups[1].Value] = match.Groups[2].Value;
            }
            // Read on, or it would stand still at a full pipe.
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            var endpoints = string.Join(';', urls.Select(url => $"{url.Key}Endpoint={url.Value}/{Account}"));
            return new Azurite(process, $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};{endpoints};");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string FindDirectory()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var azurite = Path.Combine(directory.FullName, "tests", "azurite");
            if (!File.Exists(Path.Combine(azurite, "package.json"))) continue;
            return Directory.Exists(Path.Combine(azurite, "node_modules", "azurite"))
                ? azurite
                : throw new InvalidOperationException("Azurite is not installed: run npm ci --prefix tests/azurite");
        }
        throw new InvalidOperationException($"There is no tests/azurite above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex(@"^Azurite (\w+) service is successfully listening at (http://\S+)$")]
    private static partial Regex Listening();
}
