using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace QuantaPilot.EndToEnd.Scripts;

/// <summary>A signing secret of Standard Webhooks.</summary>
internal sealed record WebhookSecret(string Text, byte[] Key)
{
    public static WebhookSecret Create()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        return new WebhookSecret($"whsec_{Convert.ToBase64String(key)}", key);
    }
}

/// <summary>A request of a sender, which may have been changed after it was signed.</summary>
/// <param name="Id">The id of the message and of its event.</param>
internal sealed record WebhookRequest(string Id)
{
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    public const string Data = """{"run_id":"0123456789abcdef0123456789abcdef","gate":"anchor","description":"Review."}""";

    public string Body { get; init; } =
        $$"""{"specversion":"1.0","id":"{{Id}}","type":"quantapilot.gate_requested","source":"/quantapilot/runs","data":{{Data}}}""";

    /// <summary>How long ago it was sent, by its own account.</summary>
    public TimeSpan Age { get; init; }

    public string Signature { get; init; } = "";

    public string? PlainSecret { get; init; }

    public string Timestamp => (_now - Age).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>The request with a signature of each secret.</summary>
    public WebhookRequest SignedWith(params WebhookSecret[] secrets)
    {
        var signed = Encoding.UTF8.GetBytes($"{Id}.{Timestamp}.{Body}");
        return this with
        {
            Signature = string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret.Key, signed))}")),
        };
    }
}

/// <summary>One of the example receivers in a process of its own.</summary>
internal sealed partial class WebhookReceiver : IAsyncDisposable
{
    private readonly QpProcess _process;
    private readonly HttpClient _http = new();

    private WebhookReceiver(QpProcess process) => _process = process;

    /// <summary>What it has written.</summary>
    public IEnumerable<string> Lines => _process.Output.Split('\n', StringSplitOptions.TrimEntries);

    private Uri Url { get; set; } = null!;

    public static async Task<WebhookReceiver> StartAsync(string[] program, string secrets, string plainSecret)
    {
        var receiver = new WebhookReceiver(Start(program, secrets, plainSecret));
        for (var lines = 1; receiver.Url is null; lines++)
        {
            // It may be built first, which writes lines of its own.
            await receiver._process.WaitForAsync("\n", lines);
            if (Listening().Match(receiver._process.Output) is { Success: true } match) receiver.Url = new Uri(match.Groups[1].Value);
        }
        return receiver;
    }

    /// <summary>What it writes before it ends for wrong settings.</summary>
    public static async Task<string> FailAsync(string[] program, string secrets)
    {
        using var process = Start(program, secrets, "");
        Assert.Equal(2, await process.ExitAsync());
        return process.Output;
    }

    /// <summary>Completes when it has written a text.</summary>
    public Task WaitForAsync(string text) => _process.WaitForAsync(text);

    /// <summary>Posts a request and gives the status of the answer.</summary>
    public async Task<int> PostAsync(WebhookRequest request)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, Url);
        message.Content = new StringContent(request.Body, Encoding.UTF8, "application/cloudevents+json");
        message.Headers.Add("webhook-id", request.Id);
        message.Headers.Add("webhook-timestamp", request.Timestamp);
        if (request.Signature.Length > 0) message.Headers.Add("webhook-signature", request.Signature);
        if (request.PlainSecret is not null) message.Headers.Add("X-QuantaPilot-Secret", request.PlainSecret);
        using var response = await _http.SendAsync(message);
        return (int)response.StatusCode;
    }

    /// <summary>Sends the head of a request as it is, and gives the status of the answer.</summary>
    public async Task<int> SendHeadAsync(string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Url.Host, Url.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        using var reader = new StreamReader(client.GetStream());
        var line = await reader.ReadLineAsync() ?? throw new EndOfStreamException("There was no answer.");
        return int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static QpProcess Start(string[] program, string secrets, string plainSecret)
    {
        var environment = new Dictionary<string, string>
        {
            ["WEBHOOK_SECRETS"] = secrets,
            ["WEBHOOK_PLAIN_SECRET"] = plainSecret,
            ["HOST"] = "127.0.0.1",
            ["PORT"] = "0",
            // A build that is started here ends here.
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["UseSharedCompilation"] = "false",
        };
        return QpProcess.StartProgram(AppContext.BaseDirectory, environment, program);
    }

    [GeneratedRegex(@"listening on (http://127\.0\.0\.1:\d+)\r?\n")]
    private static partial Regex Listening();
}
