using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests;

/// <summary>The headers that every answer of the API carries, on the real host, for every endpoint that there is.</summary>
#pragma warning disable CA1001 // xunit disposes it through IAsyncLifetime.
public sealed class SecurityHeaderTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const string Id = "00000000000000000000000000000000";
    private readonly TempDirectory _directory = new();
    private QuantaPilotServer _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await QuantaPilotServer.StartAsync(
            new ServerOptions
            {
                DataDirectory = _directory.Path,
                Url = "http://127.0.0.1:0",
                ConfigureServices = services => services.AddLogging(logging => logging.ClearProviders()),
            },
            default);
        _client = new HttpClient { BaseAddress = new Uri(_server.Url) };
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Endpoints_AllOfThem_WhateverTheyAnswer_CarryTheHeaders()
    {
        var endpoints = _server.Services.GetRequiredService<ApiEndpoints>().All;
        var admin = new AuthenticationHeaderValue("Bearer", _server.AdminToken);
        foreach (var endpoint in endpoints)
        {
            await AssertAsync(endpoint.Method, PathOf(endpoint), null, null);
            await AssertAsync(endpoint.Method, PathOf(endpoint), admin, null);
            await AssertAsync(endpoint.Method, PathOf(endpoint) + "?unknown=1", admin, null);
            await AssertAsync("PATCH", PathOf(endpoint), admin, null);
            if (endpoint.Method is "GET" or "DELETE") continue;
            await AssertAsync(endpoint.Method, PathOf(endpoint), admin, "{");
            await AssertAsync(endpoint.Method, PathOf(endpoint), admin, new string('x', 70_000));
        }
        await AssertAsync("GET", "/nothing/here", null, null);
    }

    private static string PathOf(ApiEndpoint endpoint) =>
        string.Join('/', endpoint.Pattern.Split('/').Select(part => part.StartsWith('{') ? Id : part));

    private async Task AssertAsync(string method, string path, AuthenticationHeaderValue? authorization, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = authorization;
        if (body is not null) request.Content = ApiHost.Json(body);
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var what = $"{method} {path}: {(int)answer.StatusCode}";
        Assert.True(Header(answer, "X-Content-Type-Options") == "nosniff", what);
        Assert.True(Header(answer, "Cache-Control") == "no-store", what);
        Assert.True(Header(answer, "Referrer-Policy") == "no-referrer", what);
        Assert.True(Header(answer, "Content-Security-Policy").StartsWith("default-src 'none'", StringComparison.Ordinal), what);
        Assert.False(answer.Headers.Contains("Server"), what);
        Assert.False(answer.Headers.Contains("X-Powered-By"), what);
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
