using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Tests.Fuzz;

/// <summary>What there is on the host, for requests that get further than the first check.</summary>
internal sealed record FuzzTargets(
    IReadOnlyList<string> Tokens, IReadOnlyList<string> RunIds, IReadOnlyList<string> TokenIds, IReadOnlyList<string> DeliveryIds);

/// <summary>Makes requests to the endpoints that there are, from valid ones to nonsense. A seed always gives the same request.</summary>
internal sealed class RequestGenerator(IEnumerable<ApiEndpoint> endpoints, FuzzTargets targets)
{
    private const string Run =
        """{"repo_url":"https://example.com/org/project.git","branch":"main","correlation_id":"123e4567-e89b-12d3-a456-426614174000"}""";

    private static readonly string[] _methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "get", "BREW", ""];
    private static readonly string[] _queryNames =
    [
        "after", "cursor", "limit", "status", "project", "correlation_id", "events", "sink", "run_id", "LIMIT", "", "x", "after[]",
        "\0", "\ud800",
    ];

    private static readonly string[] _mediaTypes =
    [
        "application/json; charset=utf-8", "application/json;charset=latin1", "APPLICATION/JSON", "text/plain", "application/xml",
        "multipart/form-data", "*/*",
    ];

    /// <summary>Headers that are read, with what they may hold. No wait but 0: it would last, since the clock stands still.</summary>
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

    /// <summary>By the names of endpoints. Those that are not here get what comes of nothing.</summary>
    private static readonly Dictionary<string, string[]> _bodies = new(StringComparer.Ordinal)
    {
        ["StartRun"] = [Run, Run.Replace(",\"corr", ",\"quantapilot_yaml_path\":\"a/b.yml\",\"corr", StringComparison.Ordinal)],
        ["PauseRun"] = ["""{"reason":"lunch"}""", "{}", ""],
        ["ResumeRun"] = ["{}", "", """{"limits":{"tokens":120000,"usd":12.5,"duration":"12h"}}"""],
        ["CancelRun"] = ["""{"reason":"no longer needed"}""", ""],
        ["DecideGate"] =
        [
            """{"approved":true,"reason":"good"}""",
            """{"approved":false,"reason":"no","head_sha":"1111111111111111111111111111111111111111"}""",
        ],
        ["DecideGates"] =
            ["""{"decisions":[{"run_id":"RUN","gate":"anchor","approved":true},{"run_id":"x","gate":"y","approved":false,"reason":""}]}"""],
        ["CreateToken"] =
            ["""{"name":"robot","roles":["consumer"],"projects":["https://example.com/*"],"expires_at":"2027-01-31T00:00:00Z"}"""],
    };

    private readonly IReadOnlyList<ApiEndpoint> _endpoints = [.. endpoints.OrderBy(endpoint => endpoint.Name, StringComparer.Ordinal)];

    public FuzzedRequest Create(int seed)
    {
        var random = new Random(seed);
        var endpoint = _endpoints[random.Next(_endpoints.Count)];
        var body = random.Next(20) == 0 || endpoint.Method is not ("GET" or "DELETE") ? Body(random, endpoint.Name) : [];
        return new FuzzedRequest(
            seed,
            random.Next(15) == 0 ? Pick(random, _methods) : endpoint.Method,
            Path(random, endpoint.Pattern),
            random.Next(2) == 0 ? "" : Query(random),
            Headers(random, body.Length > 0),
            body);
    }

    private string Path(Random random, string pattern)
    {
        var path = string.Join('/', pattern.Split('/').Select(part => part.StartsWith('{') ? Parameter(random, part[1..^1]) : part));
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

    private string Parameter(Random random, string name) => random.Next(4) == 0 ? Pick(random, _nasty) : name switch
    {
        "run_id" => Pick(random, targets.RunIds),
        "gate" => "anchor",
        "token_id" => Pick(random, targets.TokenIds),
        "delivery_id" => Pick(random, targets.DeliveryIds),
        _ => Pick(random, _nasty),
    };

    private string Query(Random random) => string.Join('&', Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
    {
        var name = Pick(random, _queryNames);
        var value = name switch
        {
            "run_id" when random.Next(2) == 0 => Pick(random, targets.RunIds),
            "after" when random.Next(2) == 0 => $"{Pick(random, targets.RunIds)}:{random.Next(4)}",
            "limit" or "after" when random.Next(2) == 0 => $"{random.Next(-1, 250)}",
            _ => Pick(random, _nasty),
        };
        return random.Next(8) == 0 ? name : $"{name}={value}";
    }));

    private List<(string Name, string Value)> Headers(Random random, bool hasBody)
    {
        var headers = new List<(string Name, string Value)>();
        if (random.Next(12) > 0) headers.Add(("Authorization", "Bearer " + Pick(random, targets.Tokens)));
        else if (random.Next(2) == 0) headers.Add(("Authorization", Pick(random, ["Bearer ", "Basic YTpi", "Bearer qp_x", .. _nasty])));
        var mediaType = random.Next(8) > 0 ? "application/json" : Pick(random, [.. _mediaTypes, .. _nasty]);
        if (hasBody && random.Next(10) > 0) headers.Add(("Content-Type", mediaType));
        for (var more = random.Next(3); more > 0; more--)
        {
            var (name, values) = _headers[random.Next(_headers.Length)];
            var value = random.Next(3) > 0 ? Pick(random, values) : Pick(random, _nasty);
            headers.Add((name, value.Replace("RUN", Pick(random, targets.RunIds), StringComparison.Ordinal)));
        }
        return headers;
    }

    private byte[] Body(Random random, string endpoint)
    {
        if (!_bodies.TryGetValue(endpoint, out var valid) || random.Next(4) == 0) return FuzzedJson.Any(random);
        var text = Pick(random, valid).Replace("RUN", Pick(random, targets.RunIds), StringComparison.Ordinal);
        // Each token that is made makes their list, which has no pages, longer.
        var asItIs = endpoint == "CreateToken" ? random.Next(100) == 0 : random.Next(2) == 0;
        return asItIs ? System.Text.Encoding.UTF8.GetBytes(text) : FuzzedJson.Mutate(random, text);
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> of) => of[random.Next(of.Count)];
}
