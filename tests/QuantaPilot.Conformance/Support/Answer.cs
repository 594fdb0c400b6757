using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace QuantaPilot.Conformance.Support;

/// <summary>What the server answered.</summary>
/// <param name="Request">Method and path, for messages.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The headers of the answer.</param>
/// <param name="ContentHeaders">The headers of its content.</param>
/// <param name="Text">The body.</param>
internal sealed record Answer(
    string Request, HttpStatusCode Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Text)
{
    public static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (method, url) = ($"{response.RequestMessage!.Method}", response.RequestMessage.RequestUri!);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Leaks.CheckPublished($"{method} {url}", $"{response.Headers}{text}", Leaks.GivesSecrets(method, url.AbsolutePath));
        return new Answer($"{method} {url}", response.StatusCode, response.Headers, response.Content.Headers, text);
    }

    /// <summary>The JSON of an answer that must have this status.</summary>
    public JsonElement Expect(HttpStatusCode status)
    {
        Assert.True(status == Status, $"Expected {status}: {this}");
        if (Text.Length == 0) return default;
        if (status < HttpStatusCode.BadRequest) Assert.Equal("application/json", ContentHeaders.ContentType?.MediaType);
        return JsonElement.Parse(Text);
    }

    /// <summary>The problem of an answer that must be one, in the shape that the API gives to all of them.</summary>
    public JsonElement ExpectProblem(HttpStatusCode status, string errorCode)
    {
        var problem = Expect(status);
        Assert.Equal("application/problem+json", ContentHeaders.ContentType?.MediaType);
        Assert.True(errorCode == problem.Text("error_code"), $"Expected {errorCode}: {this}");
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        foreach (var member in new[] { "type", "title", "detail", "request_id" }) Assert.NotEmpty(problem.Text(member));
        Assert.Null(SchemaSet.FindFault("problem", Text));
        return problem;
    }

    /// <summary>A problem with what the caller sent, which must name exactly these members.</summary>
    public void ExpectInvalid(params string[] members)
    {
        var problem = ExpectProblem(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Equal(members.Order(), problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
    }

    public override string ToString() => $"{Request}: {(int)Status} {Text}";
}

internal static class JsonReading
{
    /// <summary>The text of a member that must be there.</summary>
    public static string Text(this JsonElement element, string member) => element.TryGetProperty(member, out var value)
        ? value.GetString()!
        : throw new KeyNotFoundException($"There is no {member} in {element}");

    /// <summary>The elements of a member that must be an array.</summary>
    public static List<JsonElement> Items(this JsonElement element, string member = "items") =>
        [.. element.GetProperty(member).EnumerateArray()];

    public static IEnumerable<string> MemberNames(this JsonElement element) => element.EnumerateObject().Select(member => member.Name);
}
