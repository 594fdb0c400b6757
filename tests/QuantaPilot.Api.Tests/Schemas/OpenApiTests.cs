using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.OpenApi;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Schemas;

public sealed partial class OpenApiTests : IAsyncLifetime
{
    private const string UpdateVariable = "UPDATE_OPENAPI";
    private const string Path = "_schemas/openapi.json";
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void Descriptions_AreOfEachEndpointAndOfNoOther() =>
        Assert.Equal(Endpoints().Select(endpoint => endpoint.Name).Order(), EndpointDescriptions.All.Keys.Order());

    [Fact]
    public async Task File_IsWhatTheEndpointsGive()
    {
        var written = Encoding.UTF8.GetString(OpenApiDocument.Write(Endpoints()));
        if (Environment.GetEnvironmentVariable(UpdateVariable) is not null)
            await File.WriteAllTextAsync(RepositoryFiles.PathOf(Path), written);

        const string Command = $"{UpdateVariable}=1 dotnet test tests/QuantaPilot.Api.Tests --filter {nameof(File_IsWhatTheEndpointsGive)}";
        var current = await File.ReadAllTextAsync(RepositoryFiles.PathOf(Path));
        Assert.True(written == current, $"{Path} is out of date. Write it anew: {Command}");
    }

    [Fact]
    public async Task Get_WithoutAToken_IsTheFile()
    {
        using var client = _host.Anonymous();

        using var answer = await client.GetAsync("/openapi.json");

        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(await File.ReadAllBytesAsync(RepositoryFiles.PathOf(Path)), await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public void Operations_NameTheRolesOfTheirEndpoints()
    {
        var document = JsonNode.Parse(OpenApiDocument.Write(Endpoints()))!;
        foreach (var endpoint in Endpoints())
        {
            var security = document["paths"]![endpoint.Pattern]![endpoint.Method.ToLowerInvariant()]!["security"]!.AsArray();
            var roles = security.SelectMany(alternative => alternative!["token"]!.AsArray().Select(role => (string)role!));
            string[] expected = endpoint.Rule == Access.AccessRule.Anybody || endpoint.Rule.IsSigned
                ? []
                : [.. endpoint.Rule.Roles.Select(role => role.ToString().ToLowerInvariant()).Append("admin").Distinct()];
            Assert.Equal(expected.Order(), roles.Order());
        }
    }

    /// <summary>The endpoints themselves say which they take.</summary>
    [Fact]
    public async Task QueryParameters_AreThoseThatTheEndpointsTake()
    {
        const string Accepted = "accepted are ";
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.Rule != Access.AccessRule.Anybody))
        {
            var path = PathParameter().Replace(endpoint.Pattern, "x") + "?zzz=1";
            using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), path);
            using var answer = await _host.Admin.SendAsync(request);
            // One that looks for what the path names before anything else.
            if (answer.StatusCode == HttpStatusCode.NotFound) continue;

            var fault = (await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest)).Errors!["zzz"];
            var taken = fault[(fault.IndexOf(Accepted, StringComparison.Ordinal) + Accepted.Length)..];
            var described = EndpointDescriptions.All[endpoint.Name].Parameters.Where(parameter => parameter.In == "query");
            Assert.Equal(
                taken.Split(", ", StringSplitOptions.RemoveEmptyEntries).Order(), described.Select(parameter => parameter.Name).Order());
        }
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex PathParameter();

    private IReadOnlyCollection<ApiEndpoint> Endpoints() => _host.Services.GetRequiredService<ApiEndpoints>().All;
}
