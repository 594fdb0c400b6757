using System.Net;
using System.Text;

namespace QuantaPilot.Conformance;

/// <summary>Bad input gets a problem that names what is wrong.</summary>
public sealed class BadInputTests : Scenario
{
    [Theory]
    [InlineData("""{}""", "repo_url,branch")]
    [InlineData("""{"repo_url":7,"branch":[]}""", "repo_url,branch")]
    [InlineData("""{"repo_url":"http://127.0.0.1:1/x","branch":"main","brunch":1}""", "brunch")]
    [InlineData("""{"repo_url":"http://127.0.0.1:1/x","branch":"main","branch":"main"}""", "branch")]
    [InlineData("""{"repo_url":"http://127.0.0.1:1/x","branch":"a..b"}""", "branch")]
    [InlineData("""{"repo_url":"http://127.0.0.1:1/x","branch":"main","correlation_id":"42"}""", "correlation_id")]
    [InlineData("""{"repo_url":"http://127.0.0.1:1/x","branch":"main","quantapilot_yaml_path":"../x.yml"}""", "quantapilot_yaml_path")]
    [InlineData("""{"repo_url":"http://user:secret@127.0.0.1:1/x","branch":"main"}""", "repo_url")]
    [InlineData("""{"repo_url":"ssh://127.0.0.1/x","branch":"main"}""", "repo_url")]
    [InlineData("""{"repo_url":"http://127.0.0.1:1/%2e%2e/x","branch":"main"}""", "repo_url")]
    public async Task Start_MembersAtFault_AreNamed(string body, string members)
    {
        var answer = await Admin.PostAsync("/run", body);

        answer.ExpectInvalid(members.Split(','));
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"branch\":\"main\",}")]
    public async Task Start_WhatIsNoJsonObject_IsRefused(string body) =>
        (await Admin.PostAsync("/run", body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid_request");

    [Fact]
    public async Task Start_RepositoryThatIsNotAllowed_IsRefused()
    {
        var answer = await Admin.PostAsync("/run", new { repo_url = "file:///nowhere.git", branch = "main" });

        var problem = answer.ExpectProblem(HttpStatusCode.Forbidden, "repository_not_allowed");
        Assert.Equal(["repo_url"], problem.GetProperty("errors").MemberNames());
    }

    [Fact]
    public async Task Post_OfAnotherKindOrSize_IsRefused()
    {
        var text = await Admin.PostAsync("/run", new StringContent("{}", Encoding.UTF8, "text/plain"));
        text.ExpectProblem(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");

        var large = await Admin.PostAsync("/run", new { branch = new string('x', 70_000) });
        large.ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
    }

    [Fact]
    public async Task Control_ReasonAtFault_IsNamed()
    {
        var run = await StartWaitingAsync();

        (await run.ControlAsync("pause", new string('x', 1_001))).ExpectInvalid("reason");
        (await run.ControlAsync("resume", "not taken")).ExpectInvalid("reason");
        (await run.DecideAsync(true, headSha: "main")).ExpectInvalid("head_sha");
        (await Admin.PostAsync("/gates:decide", new { decisions = Array.Empty<object>() })).ExpectInvalid("decisions");

        Assert.Equal("waiting", (await run.GetAsync()).Text("status"));
    }

    [Theory]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("x")]
    public async Task Run_ThatIsNot_IsNotFound(string runId)
    {
        foreach (var path in new[] { "", "/gates", "/events" })
            (await Admin.GetAsync($"/runs/{runId}{path}")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        foreach (var action in new[] { "pause", "resume", "cancel" })
            (await Admin.PostAsync($"/runs/{runId}/{action}")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await Admin.PostAsync($"/runs/{runId}/gates/anchor", new { approved = true })).ExpectProblem(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Path_Unknown_IsNotFound() =>
        (await Admin.GetAsync("/nothing/here")).ExpectProblem(HttpStatusCode.NotFound, "not_found");

    [Fact]
    public async Task Method_NotTaken_IsRefusedNamingWhatIs()
    {
        var answer = await Admin.SendAsync(HttpMethod.Delete, "/run");

        answer.ExpectProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal(["POST"], answer.ContentHeaders.Allow);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/runs?limit=1")]
    [InlineData("/nothing")]
    public async Task Answer_OfAnyKind_CarriesTheSecurityHeaders(string path)
    {
        var answer = await Admin.GetAsync(path);

        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }
}
