using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>Who may do what, and where.</summary>
public sealed class AccessTests : Scenario
{
    private static readonly string[] Roles = ["operator", "approver", "consumer"];

    [Fact]
    public async Task Endpoint_WithoutAToken_AsksForOne()
    {
        var nobody = Caller(null);
        foreach (var path in new[] { "/runs", $"/runs/{new string('0', 32)}", "/gates", "/events", "/tokens", "/audit" })
        {
            var answer = await nobody.GetAsync(path);
            answer.ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");
            Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
        }
        (await nobody.PostAsync("/run", new { repo_url = "http://127.0.0.1:1/x.git", branch = "main" }))
            .ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("qp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Token_Unknown_IsRefused(string token) =>
        (await Caller(token).GetAsync("/runs")).ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");

    [Fact]
    public async Task Token_Revoked_IsRefusedAndItsStreamEnds()
    {
        var reader = await CallerAsync(["consumer"]);
        using var stream = await reader.StreamAsync("/events");
        (await reader.GetAsync("/runs?limit=1")).Expect(HttpStatusCode.OK);

        var revoked = await Admin.SendAsync(HttpMethod.Delete, $"/tokens/{reader.TokenId}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.Status);

        (await reader.GetAsync("/runs?limit=1")).ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        // What was on its way may still come; then the server ends the stream.
        await Patiently.WaitAsync(stream.ToEndAsync(), "The stream of the revoked token did not end");
    }

    [Fact]
    public async Task Token_Expired_IsRefused()
    {
        var expiresAt = DateTimeOffset.UtcNow.AddSeconds(5);
        var request = new { name = NewName("brief"), roles = Roles[2..], expires_at = expiresAt.ToString("yyyy-MM-ddTHH:mm:ss.fffZ") };
        var created = (await Admin.PostAsync("/tokens", request)).Expect(HttpStatusCode.Created);
        var brief = Caller(created.Text("token"));

        var refused = await Patiently.UntilAsync(
            () => brief.GetAsync("/runs?limit=1"), answer => answer.Status != HttpStatusCode.OK, "The token did not expire");

        refused.ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.True(DateTimeOffset.UtcNow >= expiresAt);
    }

    [Fact]
    public async Task Role_OfAnotherKind_IsRefused()
    {
        var run = await StartWaitingAsync();
        // Bodies that are refused once the caller is let in: the run stays where it is.
        (HttpMethod Method, string Path, object? Body, string[] Allowed)[] endpoints =
        [
            (HttpMethod.Post, "/run", new { }, ["operator"]),
            (HttpMethod.Post, $"{run.Path}/pause", new { because = 1 }, ["operator"]),
            (HttpMethod.Post, $"{run.Path}/resume", new { because = 1 }, ["operator"]),
            (HttpMethod.Post, $"{run.Path}/cancel", new { because = 1 }, ["operator"]),
            (HttpMethod.Post, $"{run.Path}/gates/anchor", new { }, ["approver"]),
            (HttpMethod.Post, "/gates:decide", new { }, ["approver"]),
            (HttpMethod.Get, "/runs?limit=1", null, Roles),
            (HttpMethod.Get, run.Path, null, Roles),
            (HttpMethod.Get, $"{run.Path}/gates", null, Roles),
            (HttpMethod.Get, $"{run.Path}/events", null, Roles),
            (HttpMethod.Get, "/gates?limit=1", null, Roles),
            (HttpMethod.Get, "/tokens", null, []),
            (HttpMethod.Get, "/audit?limit=1", null, []),
            (HttpMethod.Post, "/tokens", new { }, []),
            (HttpMethod.Delete, $"/tokens/{new string('0', 32)}", null, []),
        ];
        foreach (var role in Roles)
        {
            var caller = await CallerAsync([role]);
            foreach (var (method, path, body, allowed) in endpoints)
            {
                var answer = await caller.SendAsync(method, path, body);
                if (!allowed.Contains(role)) answer.ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
                else answer.Expect(method == HttpMethod.Get ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
            }
        }
        Assert.Equal("waiting", (await run.GetAsync()).Text("status"));
    }

    [Fact]
    public async Task Project_OutsideTheToken_IsNotThere()
    {
        var ours = await StartWaitingAsync();
        var theirs = await StartWaitingAsync();
        var us = await CallerAsync(["operator", "approver", "consumer"], [ours.Remote.Project]);

        foreach (var path in new[] { "", "/gates", "/events" })
        {
            (await us.GetAsync(ours.Path + path)).Expect(HttpStatusCode.OK);
            (await us.GetAsync(theirs.Path + path)).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        }
        foreach (var action in new[] { "pause", "resume", "cancel" })
            (await theirs.ControlAsync(action, by: us)).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await theirs.DecideAsync(true, by: us)).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        var decisions = new[] { new { run_id = theirs.Id, gate = "anchor", approved = true } };
        var batch = await us.PostAsync("/gates:decide", new { decisions });
        Assert.Equal(404, Assert.Single(batch.Expect(HttpStatusCode.OK).Items()).GetProperty("status").GetInt32());
        (await PostRunAsync(theirs.Remote, by: us)).ExpectProblem(HttpStatusCode.Forbidden, "repository_not_allowed");

        Assert.Equal([ours.Id], Names(await us.ListAsync("/runs", 50), "run_id"));
        Assert.Equal([ours.Id], Names(await us.ListAsync("/gates", 50), "run_id"));
        Assert.Equal("waiting", (await theirs.GetAsync()).Text("status"));
        await ours.ApproveAsync(by: us);
        await ours.UntilEndAsync("completed");
    }

    [Fact]
    public async Task Token_OfAnAdminOfOneProject_ReachesNoFurther()
    {
        var remote = await ServeAsync();
        var local = await CallerAsync(["admin"], [remote.Project]);

        var wide = await local.PostAsync("/tokens", new { name = NewName("wide"), roles = Roles, projects = new[] { "*" } });

        wide.ExpectInvalid("projects[0]");
        var listed = (await local.GetAsync("/tokens")).Expect(HttpStatusCode.OK).Items();
        Assert.All(listed, token => Assert.Equal([remote.Project], token.Items("projects").Select(project => project.GetString())));
    }

    [Fact]
    public async Task Health_WithoutAToken_IsTold()
    {
        var nobody = Caller(null);
        foreach (var path in new[] { "/healthz", "/readyz" })
            Assert.Equal("ok", (await nobody.GetAsync(path)).Expect(HttpStatusCode.OK).Text("status"));
    }
}
