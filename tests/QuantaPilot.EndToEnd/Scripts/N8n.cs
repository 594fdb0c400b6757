using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace QuantaPilot.EndToEnd.Scripts;

/// <summary>n8n itself, on loopback, with the example workflow imported, configured as its note says, and active.</summary>
internal sealed class N8n : IAsyncDisposable
{
    private const string WorkflowId = "quantapilotgated";
    private static readonly (string User, string Password) Starter = ("starter", "of runs"), Decider = ("decider", "at gates");

    private readonly TempDirectory _directory = new();
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMinutes(1) };
    private readonly JsonObject _workflow =
        JsonNode.Parse(File.ReadAllText(Programs.FileOf("scripts/n8n/gated-run.json")))!.AsObject();
    private readonly Dictionary<string, string> _environment;
    private readonly Uri _url = Loopback();
    private QpProcess? _process;

    public N8n() => _environment = new()
    {
        ["N8N_USER_FOLDER"] = _directory.Path,
        ["N8N_PORT"] = $"{_url.Port}",
        ["N8N_HOST"] = _url.Host,
        ["N8N_LISTEN_ADDRESS"] = _url.Host,
        ["N8N_RUNNERS_BROKER_PORT"] = $"{Loopback().Port}",
        // Everything that would call n8n's own servers.
        ["N8N_DIAGNOSTICS_ENABLED"] = "false",
        ["N8N_VERSION_NOTIFICATIONS_ENABLED"] = "false",
        ["N8N_TEMPLATES_ENABLED"] = "false",
        ["N8N_DYNAMIC_BANNERS_ENABLED"] = "false",
        ["N8N_COMMUNITY_PACKAGES_ENABLED"] = "false",
        ["N8N_DISABLED_MODULES"] = "mcp-registry",
    };

    /// <summary>Where events call the workflow.</summary>
    public Uri Webhook => new(_url, $"webhook/{Node("Event")["parameters"]!["path"]}");

    /// <summary>What it has written.</summary>
    public string Log => _process?.Output ?? "";

    /// <param name="server">The QuantaPilot that it works with, and its API token.</param>
    /// <param name="secret">The plain secret of the subscription of <see cref="Webhook"/>.</param>
    /// <param name="reviewers">What takes the place of Tell somebody: is posted what the gate asks.</param>
    public async Task StartAsync((Uri Url, string Token) server, string secret, string reviewers)
    {
        Configure(server.Url, reviewers);
        JsonArray credentials =
        [
            Credential("Who may start runs", "httpBasicAuth", ("user", Starter.User), ("password", Starter.Password)),
            Credential("Who may decide", "httpBasicAuth", ("user", Decider.User), ("password", Decider.Password)),
            Credential("X-QuantaPilot-Secret", "httpHeaderAuth", ("name", "X-QuantaPilot-Secret"), ("value", secret)),
            Credential("QuantaPilot", "httpBearerAuth", ("token", server.Token)),
        ];
        await RunAsync("import:credentials", $"--input={Write("credentials.json", credentials)}");
        await RunAsync("import:workflow", $"--input={Write("workflow.json", _workflow)}");
        await RunAsync("publish:workflow", $"--id={WorkflowId}");
        _process = QpProcess.StartProgram(_directory.Path, _environment, "n8n", "start");
        await _process.WaitForAsync("Activated workflow");
    }

    /// <summary>Fills in the form that starts a run.</summary>
    public Task<HttpStatusCode> StartRunAsync(string repository, string branch) =>
        SubmitAsync(new Uri(_url, $"form/{(string)Node("Start form")["webhookId"]!}"), Starter, repository, branch);

    /// <summary>Fills in the form of a gate.</summary>
    public Task<HttpStatusCode> DecideAsync(Uri form, string decision, string reason) => SubmitAsync(form, Decider, decision, reason);

    /// <summary>
    /// Completes when a gate's form is there and asks who looks at it. Its link is told an instant before the workflow waits, and
    /// n8n leaves whoever follows it in that instant without an answer.
    /// </summary>
    public async Task WaitForFormAsync(Uri form)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            using var look = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
            look.CancelAfter(TimeSpan.FromSeconds(3));
            try
            {
                using var response = await _http.GetAsync(form, look.Token);
                if (response.StatusCode == HttpStatusCode.Unauthorized) return;
                Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
            }
            catch (OperationCanceledException) when (!patience.IsCancellationRequested)
            {
                // Looks again.
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        _http.Dispose();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Uri Loopback()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    private static JsonObject Credential(string name, string type, params (string Name, string Value)[] data) => new()
    {
        ["id"] = IdOf(name),
        ["name"] = name,
        ["type"] = type,
        ["data"] = new JsonObject(data.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.Value))),
    };

    private static string IdOf(string credential) => credential.ToLowerInvariant().Replace(' ', '-');

    /// <summary>What its note asks of whoever imports it.</summary>
    private void Configure(Uri server, string reviewers)
    {
        _workflow["id"] = WorkflowId;
        foreach (var credential in _workflow["nodes"]!.AsArray().SelectMany(node => node!["credentials"]?.AsObject() ?? []))
        {
            credential.Value!["id"] = IdOf((string)credential.Value["name"]!);
        }
        Node("Settings")["parameters"]!["assignments"]!["assignments"]![0]!["value"] = server.ToString().TrimEnd('/');
        var tell = Node("Tell somebody");
        tell["type"] = "n8n-nodes-base.httpRequest";
        tell["typeVersion"] = 4.2;
        tell["parameters"] = new JsonObject
        {
            ["method"] = "POST",
            ["url"] = reviewers,
            ["sendBody"] = true,
            ["specifyBody"] = "json",
            ["jsonBody"] = "={{ JSON.stringify($json) }}",
            ["options"] = new JsonObject(),
        };
    }

    private JsonNode Node(string name) => _workflow["nodes"]!.AsArray().Single(node => (string)node!["name"]! == name)!;

    private string Write(string name, JsonNode content)
    {
        var path = _directory.Combine(name);
        File.WriteAllText(path, content.ToJsonString());
        return path;
    }

    private async Task RunAsync(params string[] arguments)
    {
        using var process = QpProcess.StartProgram(_directory.Path, _environment, ["n8n", .. arguments]);
        Assert.True(await process.ExitAsync() == 0, process.Output);
    }

    private async Task<HttpStatusCode> SubmitAsync(Uri form, (string User, string Password) who, params string[] fields)
    {
        using var content = new MultipartFormDataContent();
        for (var i = 0; i < fields.Length; i++)
        {
            // As browsers send them: a part with a media type is a file to n8n.
            var field = new StringContent(fields[i]);
            field.Headers.ContentType = null;
            content.Add(field, $"field-{i}");
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, form) { Content = content };
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{who.User}:{who.Password}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        using var response = await _http.SendAsync(request);
        return response.StatusCode;
    }
}
