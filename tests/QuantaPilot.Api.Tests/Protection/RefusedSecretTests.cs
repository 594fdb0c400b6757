using System.Net;
using System.Net.Http.Json;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Protection;

/// <summary>What is needed as it is can't be redacted: with a secret in it, it is refused.</summary>
public sealed class RefusedSecretTests : IAsyncLifetime
{
    private const string Repository = "https://example.com/org/project";
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("repo_url", Planted.Url)]
    [InlineData("repo_url", Repository + "/" + Planted.GitHubToken)]
    [InlineData("branch", "feature/" + Planted.GitHubToken)]
    [InlineData("quantapilot_yaml_path", "ci/" + Planted.GitHubToken + ".yml")]
    [InlineData("correlation_id", Planted.Address)]
    public async Task Start_SecretWhereItCanNotBeTakenOut_IsRefusedAndNotRepeated(string member, string value)
    {
        var request = new Dictionary<string, string> { ["repo_url"] = Repository, ["branch"] = "main", [member] = value };

        using var answer = await _host.Admin.PostAsJsonAsync("/run", request);

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal([member], problem.Errors!.Keys);
        Planted.AssertAbsent("the answer", await answer.Content.ReadAsByteArrayAsync());
        Assert.Empty(_host.Engine.Started);
    }

    [Fact]
    public async Task CreateToken_NamedByASecret_IsRefusedAndNotRepeated()
    {
        using var answer = await _host.Admin.PostAsJsonAsync("/tokens", new { name = Planted.GitHubToken, roles = new[] { "consumer" } });

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal(["name"], problem.Errors!.Keys);
        Planted.AssertAbsent("the answer", await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Request_WithASecretForAName_IsRefusedWithoutIt()
    {
        using var member = await _host.Admin.PostAsJsonAsync("/run", new Dictionary<string, string> { [Planted.GitHubToken] = "x" });
        using var parameter = await _host.Admin.GetAsync($"/runs?{Planted.GitHubToken}=1");

        foreach (var answer in new[] { member, parameter })
        {
            var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
            Assert.Contains(Redactor.Replacement, problem.Errors!.Keys);
            Planted.AssertAbsent("the answer", await answer.Content.ReadAsByteArrayAsync());
        }
    }
}
