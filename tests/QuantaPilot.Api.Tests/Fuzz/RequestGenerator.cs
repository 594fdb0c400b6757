using QuantaPilot.Api.Tests.Hooks;
using QuantaPilot.Api.Tests.Support;

namespace QuantaPilot.Api.Tests.Fuzz;

/// <summary>What there is on the host, for requests that get further than the first check.</summary>
internal sealed record FuzzTargets(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<string> RunIds,
    IReadOnlyList<string> TokenIds,
    IReadOnlyList<string> DeliveryIds,
    IReadOnlyList<string> SubscriptionIds)
{
    /// <summary>The host's clock, which signatures are held to.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>A value for a parameter or member of this name, or null if any will do.</summary>
    public string? Find(Random random, string name) => name switch
    {
        "run_id" => Pick(random, RunIds),
        "gate" => "anchor",
        "agent_step" => "M-001:1",
        "agent_round" => "1",
        "token_id" => Pick(random, TokenIds),
        "delivery_id" => Pick(random, DeliveryIds),
        "subscription_id" => Pick(random, SubscriptionIds),
        "repo_url" or "project" => "https://example.com/org/project",
        _ => null,
    };

    private static string Pick(Random random, IReadOnlyList<string> of) => of[random.Next(of.Count)];
}

/// <summary>
/// Makes requests to the operations of openapi.json, from valid ones to nonsense. A seed always gives the same request.
/// </summary>
internal sealed class RequestGenerator(FuzzTargets targets)
{
    private static readonly string[] _methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "get", "BREW", ""];

    /// <summary>Names of parameters that no operation has.</summary>
    private static readonly string[] _unknownNames = ["LIMIT", "", "x", "after[]", "\0", "\ud800"];

    private static readonly string[] _mediaTypes =
    [
        "application/json; charset=utf-8", "application/json;charset=latin1", "APPLICATION/JSON", "text/plain", "application/xml",
        "multipart/form-data", "*/*",
    ];

    /// <summary>Headers that are read, or might be, with what they may hold.</summary>
    private static readonly (string Name, string[] Values)[] _headers =
    [
        ("Accept", ["text/event-stream", "application/json", "text/event-stream;q=0.5, */*", "text/*", "x", ",,"]),
        ("Last-Event-ID", ["0", "1", "2", "RUN:1", "RUN:99", "-1"]),
        ("Prefer", ["wait=0", "wait=-1", "wait", "wait=0;wait=0", "respond-async, wait=\"0\"", "wait==", "return=minimal"]),
        ("Idempotency-Key", ["a", "b", "build 4711", "build-4711"]),
        ("X-Forwarded-For", ["10.0.0.1", "::1, 10.0.0.1:80", "x"]),
        ("Content-Length", ["0", "1", "-1", "70000", "99999999999999999999"]),
        ("Content-Encoding", ["gzip"]),
        ("Transfer-Encoding", ["chunked"]),
        ("traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-00-00-00"]),
        ("Host", ["h", "h:99999", "a b"]),
        ("Cookie", ["a=b"]),
        ("X-HTTP-Method-Override", ["DELETE"]),
    ];

    private static readonly string[] _nasty =
    [
        "", " ", ".", "..", "%", "%00", "%2e%2e%2f", "%zz", "\0", "\r\n", "\ud800", "\udfff\ud800", "\u202e", "\u00e9", "\u0663",
        "null", "-1", "0", "1", "007", "9223372036854775807", "9223372036854775808", "1e3", "' OR 1=1 --", "<script>", "${jndi:x}",
        "{run_id}", "*", "anchor", "pending", "running", "00000000000000000000000000000000", "0123456789ABCDEF0123456789ABCDEF",
        "https://example.com/org/project", "run_started,run_failed", "run_started,",
        new string('a', 3_000), new string('%', 500), new string('/', 200), new string(':', 200),
    ];

    private readonly SchemaInstances _instances = new((random, name) => targets.Find(random, name));

    public FuzzedRequest Create(int seed)
    {
        var random = new Random(seed);
        var operation = Pick(random, ApiOperation.All);
        var body = Body(random, operation);
        var request = new FuzzedRequest(
            seed,
            operation.Id,
            random.Next(15) == 0 ? Pick(random, _methods) : operation.Method,
            Path(random, operation),
            Query(random, operation),
            Headers(random, operation, body.Length > 0),
            body);
        if (random.Next(8) == 0) return request;
        return operation.Id switch
        {
            "ReceiveGitHubHook" => SignedByGitHub(random, request),
            "AnswerAgentTask" => SignedByAgent(random, request),
            _ => request,
        };
    }

    private FuzzedRequest SignedByAgent(Random random, FuzzedRequest request) => request with
    {
        Query = random.Next(8) == 0 ? request.Query : "",
        Headers = [.. request.Headers, .. AgentScenario.Sign(request.Body, targets.Now)],
    };

    private static FuzzedRequest SignedByGitHub(Random random, FuzzedRequest request) => request with
    {
        Query = random.Next(8) == 0 ? request.Query : "",
        Headers =
        [
            .. request.Headers,
            ("X-GitHub-Event", Pick(random, ["check_run", "push", "issue_comment", "issue_comment", "status", "ping", "", "\ud800"])),
            ("X-Hub-Signature-256", GitHubSender.Sign(request.Body)),
        ],
    };

    private string Path(Random random, ApiOperation operation)
    {
        var path = operation.Pattern;
        foreach (var parameter in operation.Parameters.Where(p => p.In == "path"))
            path = path.Replace($"{{{parameter.Name}}}", Value(random, parameter), StringComparison.Ordinal);
        return random.Next(25) switch
        {
            0 => path + "/",
            1 => path + "/" + Pick(random, _nasty),
            2 => "/" + Pick(random, _nasty),
            3 => "/" + path,
            4 => path.ToUpperInvariant(),
            _ => path,
        };
    }

    private string Value(Random random, ApiParameter parameter)
    {
        if (random.Next(4) == 0) return Pick(random, _nasty);
        if (random.Next(8) == 0) return $"{_instances.Invalid(random, parameter.Schema)}";
        return targets.Find(random, parameter.Name) ?? $"{_instances.Valid(random, parameter.Schema)}";
    }

    private string Query(Random random, ApiOperation operation)
    {
        var parts = operation.Parameters.Where(p => p.In == "query" && random.Next(3) == 0).Select(parameter =>
        {
            var value = Value(random, parameter);
            if (random.Next(2) == 0) value = Uri.EscapeDataString(value);
            return random.Next(12) == 0 ? parameter.Name : $"{parameter.Name}={value}";
        }).ToList();
        if (random.Next(8) == 0) parts.Add($"{Pick(random, _unknownNames)}={Pick(random, _nasty)}");
        if (random.Next(20) == 0 && parts.Count > 0) parts.Add(parts[0]);
        return string.Join('&', parts);
    }

    private List<(string Name, string Value)> Headers(Random random, ApiOperation operation, bool hasBody)
    {
        var headers = new List<(string Name, string Value)>();
        if (random.Next(12) > 0) headers.Add(("Authorization", "Bearer " + Pick(random, targets.Tokens)));
        else if (random.Next(2) == 0) headers.Add(("Authorization", Pick(random, ["Bearer ", "Basic YTpi", "Bearer qp_x", .. _nasty])));
        var mediaType = random.Next(8) > 0 ? "application/json" : Pick(random, [.. _mediaTypes, .. _nasty]);
        if (hasBody && random.Next(10) > 0) headers.Add(("Content-Type", mediaType));
        // No wait but 0 (below): another one would last, since the clock stands still.
        foreach (var parameter in operation.Parameters.Where(p => p is { In: "header", Name: not "Prefer" } && random.Next(2) == 0))
            headers.Add((parameter.Name, Value(random, parameter)));
        for (var more = random.Next(3); more > 0; more--)
        {
            var (name, values) = _headers[random.Next(_headers.Length)];
            var value = random.Next(3) > 0 ? Pick(random, values) : Pick(random, _nasty);
            headers.Add((name, value.Replace("RUN", Pick(random, targets.RunIds), StringComparison.Ordinal)));
        }
        return headers;
    }

    private byte[] Body(Random random, ApiOperation operation)
    {
        if (operation.Body is not { } schema) return random.Next(20) == 0 ? FuzzedJson.Any(random) : [];
        if (!operation.BodyIsRequired && random.Next(4) == 0) return [];
        // Each token that is made makes their list, which has no pages, longer.
        var kind = operation.Id == "CreateToken" && random.Next(50) > 0 ? random.Next(10, 20) : random.Next(20);
        if (kind >= 17) return FuzzedJson.Any(random);
        var value = kind is >= 10 and < 15 ? _instances.Invalid(random, schema) : _instances.Valid(random, schema);
        var text = value?.ToJsonString() ?? "null";
        return kind < 15 ? System.Text.Encoding.UTF8.GetBytes(text) : FuzzedJson.Mutate(random, text);
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> of) => of[random.Next(of.Count)];
}
