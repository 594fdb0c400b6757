using System.Net;
using System.Net.Http.Json;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Api.Tests.Support;

internal static class Answers
{
    public static async Task<Problem> ProblemAsync(this HttpResponseMessage response, HttpStatusCode status, string errorCode)
    {
        var text = await response.Content.ReadAsStringAsync();
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
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"Expected {status}, got {response.StatusCode}: {text}");
        return (await response.Content.ReadFromJsonAsync(type))!;
    }
}
