using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Testing.GitHub;

/// <summary>
/// A GitHub Enterprise Server on loopback: repositories over git's smart HTTP at <c>/owner/name</c>, the part of the REST API that
/// pull requests take below <c>/api/v3</c>, and one GraphQL mutation. Branches, commits and merges are those of real bare repositories.
/// </summary>
public sealed class FakeGitHub : IAsyncDisposable
{
    private const string ApiPath = "/api/v3";
    private const string GraphQlPath = "/api/graphql";

    private readonly Lock _lock = new();
    private readonly GitHttpServer _server;
    private readonly Dictionary<string, FakeGitHubRepository> _repositories = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _requests = [];

    private FakeGitHub(GitHttpServer server, TimeProvider time)
    {
        _server = server;
        App = new FakeGitHubApp(time);
        server.Intercept = HandleAsync;
    }

    /// <summary>A personal access token that may do everything.</summary>
    public const string Token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

    /// <summary>Host and port, as the URLs of its repositories have them.</summary>
    public string Host => new Uri(_server.Url).Authority;

    /// <summary>The root of the REST API.</summary>
    public string ApiUrl => _server.Url + ApiPath;

    /// <summary>The GitHub App that may be installed, and its tokens.</summary>
    public FakeGitHubApp App { get; }

    /// <summary>Asked before each request to the API; true if it has been answered (see <see cref="RefuseAsync"/>).</summary>
    public Func<HttpContext, Task<bool>> Intercept { get; set; } = _ => Task.FromResult(false);

    /// <summary>
    /// True for a request whose answer gets lost after it was carried out: what a crash of its sender looks like from here.
    /// </summary>
    public Func<HttpContext, bool> LoseAnswer { get; set; } = _ => false;

    /// <summary>Method and path (below the root of the API) of each request to the API, in order.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock) return [.. _requests];
        }
    }

    /// <param name="directory">Holds the repositories.</param>
    /// <param name="time">For the end of tokens.</param>
    /// <param name="port">Where to listen; 0 for any free port.</param>
    public static async Task<FakeGitHub> StartAsync(TempDirectory directory, TimeProvider? time = null, int port = 0) =>
        new(await GitHttpServer.StartAsync(directory.Path, port), time ?? TimeProvider.System);

    /// <summary>Serves a repository that was made in the server's directory under the name <c>owner/name</c>.</summary>
    public FakeGitHubRepository Add(string fullName, GitRepository git)
    {
        var repository = new FakeGitHubRepository(fullName, $"{_server.Url}/{fullName}", git, _lock);
        lock (_lock) _repositories[fullName] = repository;
        return repository;
    }

    /// <summary>Answers as GitHub does where it refuses.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string message, params (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        return WriteAsync(context, FakeAnswer.Refusal(status, message));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        App.Dispose();
    }

    private async Task<bool> HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (!path.StartsWith(ApiPath + "/", StringComparison.Ordinal) && path != GraphQlPath) return RefuseGit(context);

        lock (_lock) _requests.Add($"{context.Request.Method} {path.Replace(ApiPath, "", StringComparison.Ordinal)}");
        if (await Intercept(context)) return true;
        var answer = await AnswerAsync(context, path);
        if (LoseAnswer(context)) context.Abort();
        else await WriteAsync(context, answer);
        return true;
    }

    /// <returns>False for a request of git's that git itself is to answer.</returns>
    private bool RefuseGit(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var repository = Find(path.Split('/', StringSplitOptions.RemoveEmptyEntries));
        if (repository is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return true;
        }
        var basic = context.Request.Headers.Authorization.ToString();
        var isBasic = basic.StartsWith("Basic ", StringComparison.Ordinal);
        var credentials = isBasic ? Encoding.UTF8.GetString(Convert.FromBase64String(basic["Basic ".Length..])) : "";
        if (!credentials.StartsWith("x-access-token:", StringComparison.Ordinal) || !IsValid(credentials["x-access-token:".Length..]))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"GitHub\"";
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return true;
        }
        // GitHub serves repositories with and without the suffix.
        var prefix = "/" + repository.FullName;
        if (!path.StartsWith(prefix + ".git/", StringComparison.OrdinalIgnoreCase))
            context.Request.Path = prefix + ".git" + path[prefix.Length..];
        return false;
    }

    private async Task<FakeAnswer> AnswerAsync(HttpContext context, string path)
    {
        var body = context.Request.ContentLength > 0 ? await JsonNode.ParseAsync(context.Request.Body) : null;
        var authorization = context.Request.Headers.Authorization.ToString();
        var token = authorization[(authorization.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        var segments = path[(path == GraphQlPath ? 4 : ApiPath.Length)..].Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(Uri.UnescapeDataString).ToArray();
        lock (_lock)
        {
            if (App.TryAnswer(context.Request.Method, segments, token, body, Find(segments.Skip(1))) is { } answer) return answer;
            if (!IsValid(token)) return FakeAnswer.Refusal(StatusCodes.Status401Unauthorized, "Bad credentials");
            if (path == GraphQlPath) return FakeGraphQl.Answer(_repositories.Values, body!);
            return Find(segments.Skip(1)) is { } repository
                ? repository.Answer(new FakeRequest(context.Request.Method, segments[3..], context.Request.Query, body))
                : FakeAnswer.NotFound;
        }
    }

    private bool IsValid(string token) => token == Token || App.IsValid(token);

    private FakeGitHubRepository? Find(IEnumerable<string> path)
    {
        if (path.Take(2).ToArray() is not [var owner, var name]) return null;
        if (name.EndsWith(".git", StringComparison.Ordinal)) name = name[..^4];
        lock (_lock) return _repositories.GetValueOrDefault($"{owner}/{name}");
    }

    private static string PageUrl(HttpRequest request, int page)
    {
        var query = request.Query.Where(pair => pair.Key != "page")
            .Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value.ToString())}");
        return $"{request.Scheme}://{request.Host}{request.Path}?{string.Join('&', query.Append($"page={page}"))}";
    }

    private static async Task WriteAsync(HttpContext context, FakeAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        if (answer.Body is null) return;
        context.Response.ContentType = "application/json; charset=utf-8";
        if (answer.NextPage is { } next) context.Response.Headers.Link = $"<{PageUrl(context.Request, next)}>; rel=\"next\"";
        await context.Response.WriteAsync(answer.Body.ToJsonString());
    }
}

/// <param name="Method">GET, POST and so on.</param>
/// <param name="Path">What follows the repository, decoded.</param>
/// <param name="Query">The parameters.</param>
/// <param name="Body">What was sent, if anything.</param>
internal sealed record FakeRequest(string Method, string[] Path, IQueryCollection Query, JsonNode? Body)
{
    /// <summary>A string of the body.</summary>
    public string? Text(string name) => Body?[name]?.GetValue<string>();

    /// <summary>An answer with the page that is asked for, as GitHub cuts it.</summary>
    public FakeAnswer Page(IEnumerable<JsonNode> items, Func<JsonArray, JsonNode>? wrap = null)
    {
        var all = items.ToList();
        var (size, page) = (Math.Clamp(Number("per_page", 30), 1, 100), Number("page", 1));
        JsonArray cut = [.. all.Skip((page - 1) * size).Take(size)];
        return FakeAnswer.Ok(wrap is null ? cut : wrap(cut)) with { NextPage = page * size < all.Count ? page + 1 : null };
    }

    private int Number(string name, int absent) =>
        int.TryParse(Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : absent;
}

internal sealed record FakeAnswer(int Status, JsonNode? Body)
{
    /// <summary>The page after this one, if there is one.</summary>
    public int? NextPage { get; init; }

    public static FakeAnswer NotFound => Refusal(StatusCodes.Status404NotFound, "Not Found");

    public static FakeAnswer Ok(JsonNode body) => new(StatusCodes.Status200OK, body);

    public static FakeAnswer Created(JsonNode body) => new(StatusCodes.Status201Created, body);

    public static FakeAnswer Refusal(int status, string message, JsonArray? errors = null)
    {
        var body = new JsonObject
        {
            ["message"] = message,
            ["documentation_url"] = "https://docs.github.com/rest",
            ["status"] = status.ToString(CultureInfo.InvariantCulture),
        };
        if (errors is not null) body["errors"] = errors;
        return new FakeAnswer(status, body);
    }

    /// <summary>422 with one complaint in words.</summary>
    public static FakeAnswer Invalid(string resource, string message) => Refusal(
        StatusCodes.Status422UnprocessableEntity,
        "Validation Failed",
        [new JsonObject { ["resource"] = resource, ["code"] = "custom", ["message"] = message }]);
}
