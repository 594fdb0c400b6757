using System.Net;
using System.Text;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

/// <summary>Bad input gets a problem that names the fault.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private ApiHost _host = null!;
    private RunId _runId;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        _runId = await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested());
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public static TheoryData<string, string, string> BadMembers()
    {
        const string Ok = "\"repo_url\":\"https://example.com/o/p\",\"branch\":\"main\"";
        var run = new (string Body, string Names)[]
        {
            ("{}", "repo_url,branch"),
            ("{\"repo_url\":null,\"branch\":null}", "repo_url,branch"),
            ("{\"repo_url\":7,\"branch\":[]}", "repo_url,branch"),
            ("{" + Ok + ",\"brunch\":1}", "brunch"),
            ("{" + Ok + ",\"branch\":\"x\"}", "branch"),
            ("{" + Ok + ",\"REPO_URL\":\"x\"}", "REPO_URL"),
            ("{" + Ok + ",\"correlation_id\":\"42\"}", "correlation_id"),
            ("{" + Ok + ",\"correlation_id\":{}}", "correlation_id"),
            ("{" + Ok + ",\"quantapilot_yaml_path\":\"../x.yml\"}", "quantapilot_yaml_path"),
            ("{" + Ok + ",\"quantapilot_yaml_path\":\"/etc/x.yml\"}", "quantapilot_yaml_path"),
            ("{" + Ok + ",\"quantapilot_yaml_path\":\"a/..\\\\x.yml\"}", "quantapilot_yaml_path"),
            ("{" + Ok + ",\"quantapilot_yaml_path\":\"x.txt\"}", "quantapilot_yaml_path"),
            ("{\"repo_url\":\"https://user:secret@example.com/o/p\",\"branch\":\"main\"}", "repo_url"),
            ("{\"repo_url\":\"ssh://example.com/o/p\",\"branch\":\"main\"}", "repo_url"),
            ("{\"repo_url\":\"https://example.com/o/%2e%2e/p\",\"branch\":\"main\"}", "repo_url"),
            ("{\"repo_url\":\"https://example.com/o/p\",\"branch\":\"a..b\"}", "branch"),
            ("{\"repo_url\":\"https://example.com/o/p\",\"branch\":\"\"}", "branch"),
            ("{\"repo_url\":\"https://example.com/o/p\",\"branch\":\"-x\"}", "branch"),
            ("{\"repo_url\":\"https://example.com/o/p\",\"branch\":\"x.lock\"}", "branch"),
            ("{\"repo_url\":\"https://example.com/o/p\",\"branch\":\"a\\u0000b\"}", "branch"),
            ("{\"repo_url\":\"https://example.com/o/p\",\"branch\":\"" + new string('b', 256) + "\"}", "branch"),
        };
        var decision = new (string Body, string Names)[]
        {
            ("{}", "approved"),
            ("{\"approved\":\"yes\"}", "approved"),
            ("{\"approved\":1}", "approved"),
            ("{\"approved\":false}", "reason"),
            ("{\"approved\":false,\"reason\":\"  \"}", "reason"),
            ("{\"approved\":true,\"reason\":\"bell\\u0007\"}", "reason"),
            ("{\"approved\":true,\"reason\":\"" + new string('x', 1001) + "\"}", "reason"),
            ("{\"approved\":true,\"head_sha\":\"main\"}", "head_sha"),
            ("{\"approved\":true,\"aproved\":true}", "aproved"),
            ("{\"approved\":true,\"approved\":false}", "approved"),
        };
        var batch = new (string Body, string Names)[]
        {
            ("{}", "decisions"),
            ("{\"decisions\":[]}", "decisions"),
            ("{\"decisions\":{}}", "decisions"),
            ("{\"decisions\":[null]}", "decisions"),
            ("{\"decisions\":[1]}", "decisions[0]"),
            ("{\"decisions\":[{\"run_id\":1}]}", "decisions[0].run_id"),
            ("{\"decisions\":[{\"x\":1}]}", "decisions[0].x"),
            ("{\"decisions\":[" + string.Join(',', Enumerable.Repeat("{}", 101)) + "]}", "decisions"),
        };
        var control = new (string Body, string Names)[]
        {
            ("{\"reason\":5}", "reason"),
            ("{\"reason\":\"" + new string('x', 1001) + "\"}", "reason"),
            ("{\"because\":\"x\"}", "because"),
        };
        var data = new TheoryData<string, string, string>();
        foreach (var (body, names) in run) data.Add("/run", body, names);
        foreach (var (body, names) in decision) data.Add("/runs/RUN/gates/anchor", body, names);
        foreach (var (body, names) in batch) data.Add("/gates:decide", body, names);
        foreach (var (body, names) in control)
        {
            data.Add("/runs/RUN/pause", body, names);
            data.Add("/runs/RUN/cancel", body, names);
        }
        data.Add("/runs/RUN/resume", "{\"reason\":\"x\"}", "reason");
        data.Add("/runs/RUN/retry", "{\"reason\":\"x\"}", "reason");
        return data;
    }

    [Theory]
    [MemberData(nameof(BadMembers))]
    public async Task Post_MembersAtFault_AreNamed(string path, string body, string names)
    {
        using var answer = await _host.Admin.PostAsync(Path(path), ApiHost.Json(body));

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal(names.Split(',').Order(), problem.Errors!.Keys.Order());
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(_host.Engine.Raised);
    }

    public static TheoryData<string, string> BadBodies()
    {
        string[] paths =
        [
            "/run", "/runs/RUN/gates/anchor", "/gates:decide", "/runs/RUN/pause", "/runs/RUN/resume", "/runs/RUN/cancel", "/runs/RUN/retry",
        ];
        string[] bodies =
        [
            "{", "[]", "null", "\"x\"", "7", "{\"a\":1,}", "{/*c*/}", "{} {}", "{'a':1}", "\u0001", "{\"reason\":\"\\ud800\"}",
            "{\"\\ud800\":1}", new string('[', 5000), "\uFEFF{}",
        ];
        var data = new TheoryData<string, string>();
        foreach (var path in paths)
        {
            foreach (var body in bodies) data.Add(path, body);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task Post_WhatIsNoJsonObject_IsRefused(string path, string body)
    {
        using var answer = await _host.Admin.PostAsync(Path(path), new ByteArrayContent(Encoding.UTF8.GetBytes(body))
        {
            Headers = { { "Content-Type", "application/json" } },
        });

        await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Empty(_host.Engine.Raised);
    }

    [Theory]
    [InlineData("/run")]
    [InlineData("/runs/RUN/gates/anchor")]
    [InlineData("/gates:decide")]
    [InlineData("/runs/RUN/pause")]
    [InlineData("/runs/RUN/cancel")]
    public async Task Post_BytesOfTheWrongKind_AreRefusedByKind(string path)
    {
        using var invalidUtf8 = await _host.Admin.PostAsync(Path(path), new ByteArrayContent([(byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)'}'])
        {
            Headers = { { "Content-Type", "application/json" } },
        });
        using var tooLarge = await _host.Admin.PostAsync(Path(path), ApiHost.Json("{\"reason\":\"" + new string('x', 70_000) + "\"}"));
        using var tooLargeUnannounced = await _host.Admin.PostAsync(Path(path), new UnannouncedContent(new byte[70_000]));
        using var text = await _host.Admin.PostAsync(Path(path), new StringContent("{}", Encoding.UTF8, "text/plain"));
        using var latin = await _host.Admin.PostAsync(Path(path), new StringContent("{}", Encoding.Latin1, "application/json"));
        using var form = await _host.Admin.PostAsync(Path(path), new FormUrlEncodedContent([new("approved", "true")]));

        Assert.Contains(
            "UTF-8",
            (await invalidUtf8.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest)).Detail,
            StringComparison.Ordinal);
        await tooLarge.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.PayloadTooLarge);
        await tooLargeUnannounced.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.PayloadTooLarge);
        await text.ProblemAsync(HttpStatusCode.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType);
        await latin.ProblemAsync(HttpStatusCode.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType);
        await form.ProblemAsync(HttpStatusCode.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("/run")]
    [InlineData("/runs/RUN/gates/anchor")]
    [InlineData("/gates:decide")]
    public async Task Post_NoBodyWhereOneIsNeeded_IsRefused(string path)
    {
        using var answer = await _host.Admin.PostAsync(Path(path), ApiHost.Json(""));

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Contains("empty", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%2e%2e%2f")]
    [InlineData("%2e%2e%2fetc%2fpasswd")]
    [InlineData("..%5c..%5c")]
    [InlineData("%ff%fe")]
    [InlineData("%zz")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("' OR 1=1 --")]
    [InlineData("\u0661")]
    public async Task Path_RunIdThatIsNone_IsNotFound(string runId)
    {
        (HttpMethod, string)[] endpoints =
        [
            (HttpMethod.Get, ""), (HttpMethod.Get, "/events"), (HttpMethod.Get, "/gates"), (HttpMethod.Post, "/pause"),
            (HttpMethod.Post, "/resume"), (HttpMethod.Post, "/cancel"), (HttpMethod.Post, "/retry"), (HttpMethod.Post, "/gates/anchor"),
        ];
        foreach (var (method, rest) in endpoints)
        {
            using var request = new HttpRequestMessage(method, $"/runs/{runId}{rest}");
            if (method == HttpMethod.Post) request.Content = ApiHost.Json("{\"approved\":true}");
            if (rest is "/pause" or "/resume" or "/cancel" or "/retry") request.Content = null;
            using var answer = await _host.Admin.SendAsync(request);
            await answer.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        }
    }

    [Theory]
    [InlineData("Anchor")]
    [InlineData("anchor%20")]
    [InlineData("anchor%0a")]
    [InlineData("%2e%2e%2fanchor")]
    [InlineData("milestone:")]
    [InlineData("milestone:..")]
    [InlineData("milestone:a%2fb")]
    [InlineData("milestone:%2e%2e")]
    [InlineData("unknown")]
    [InlineData("%ff")]
    public async Task Path_GateNameThatIsNone_IsNotFound(string gate)
    {
        using var answer = await _host.Admin.PostAsync($"/runs/{_runId}/gates/{gate}", ApiHost.Json("{\"approved\":true}"));

        var problem = await answer.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Contains("anchor", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/runs?limit=0", "limit")]
    [InlineData("/runs?limit=201", "limit")]
    [InlineData("/runs?limit=-1", "limit")]
    [InlineData("/runs?limit=1e2", "limit")]
    [InlineData("/runs?limit=", "limit")]
    [InlineData("/runs?limit=1&limit=2", "limit")]
    [InlineData("/runs?cursor=", "cursor")]
    [InlineData("/runs?cursor=abc", "cursor")]
    [InlineData("/runs?cursor=%zz", "cursor")]
    [InlineData("/runs?cursor=AAAAAAAAAAAAAAAA", "cursor")]
    [InlineData("/runs?cursor=%ff%ff", "cursor")]
    [InlineData("/runs?status=done", "status")]
    [InlineData("/runs?status=1", "status")]
    [InlineData("/runs?status=running,waiting", "status")]
    [InlineData("/runs?correlation_id=x", "correlation_id")]
    [InlineData("/runs?project=x", "project")]
    [InlineData("/runs?state=running", "state")]
    [InlineData("/gates?status=approved", "status")]
    [InlineData("/gates?cursor=x", "cursor")]
    [InlineData("/gates?x=1", "x")]
    [InlineData("/runs/RUN?x=1", "x")]
    [InlineData("/runs/RUN/gates?x=1", "x")]
    [InlineData("/runs/RUN/events?after=-1", "after")]
    [InlineData("/runs/RUN/events?after=x", "after")]
    [InlineData("/runs/RUN/events?after=99999999999999999999", "after")]
    [InlineData("/runs/RUN/events?limit=0", "limit")]
    [InlineData("/events?after=x", "after")]
    [InlineData("/events?after=00000000000000000000000000000000:1", "after")]
    public async Task Get_ParametersAtFault_AreNamed(string path, string name)
    {
        using var answer = await _host.Admin.GetAsync(Path(path));

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal([name], problem.Errors!.Keys);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("0x1")]
    public async Task Stream_LastEventIdThatIsNone_IsRefused(string id)
    {
        foreach (var path in new[] { $"/runs/{_runId}/events", "/events" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.ParseAdd("text/event-stream");
            request.Headers.TryAddWithoutValidation("Last-Event-ID", id);
            using var answer = await _host.Admin.SendAsync(request);
            var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
            Assert.Equal(["Last-Event-ID"], problem.Errors!.Keys);
        }
    }

    [Fact]
    public async Task Path_Unknown_IsAProblem()
    {
        using var answer = await _host.Admin.GetAsync("/nothing/here");

        await answer.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Method_NotTaken_IsAProblemWithAllow()
    {
        using var answer = await _host.Admin.DeleteAsync("/run");

        await answer.ProblemAsync(HttpStatusCode.MethodNotAllowed, ErrorCodes.MethodNotAllowed);
        Assert.Equal(["POST"], answer.Content.Headers.Allow);
    }

    private string Path(string path) => path.Replace("RUN", _runId.ToString(), StringComparison.Ordinal);

    /// <summary>Content without a Content-Length.</summary>
    private sealed class UnannouncedContent : HttpContent
    {
        private readonly byte[] _bytes;

        public UnannouncedContent(byte[] bytes)
        {
            _bytes = bytes;
            Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
