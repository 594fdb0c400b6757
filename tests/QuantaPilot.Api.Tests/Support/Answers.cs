using System.Net;
using System.Net.Http.Json;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Api.Tests.Support;

internal static class Answers
{
    public static async Task<Problem> ProblemAsync(this HttpResponseMessage response, HttpStatusCode status, string errorCode)
    {
        var text = await ReadAsync(response);
        Assert.True(status == response.StatusCode, $"Expected {status}, got {response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = (await response.Content.ReadFromJsonAsync(CoreJson.Default.Problem))!;
        Assert.Equal(errorCode, problem.ErrorCode);
        Assert.Equal((int)status, problem.Status);
        Assert.NotEmpty(problem.Detail);
        Assert.NotEmpty(problem.RequestId);
        return problem;
    }

    public static async Task<T> OkAsync<T>(
        this HttpResponseMessage response, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, HttpStatusCode status = HttpStatusCode.OK)
    {
        var text = await ReadAsync(response);
        Assert.True(status == response.StatusCode, $"Expected {status}, got {response.StatusCode}: {text}");
        return (await response.Content.ReadFromJsonAsync(type))!;
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var (method, path) = ($"{response.RequestMessage?.Method}", response.RequestMessage?.RequestUri?.AbsolutePath ?? "");
        Leaks.CheckPublished($"{method} {path}", $"{response.Headers}{text}", Leaks.GivesSecrets(method, path));
        return text;
    }
}
