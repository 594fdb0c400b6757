// Receives QuantaPilot's webhooks and prints their events. .NET SDK 10, nothing to install.
//
//   WEBHOOK_SECRETS=whsec_… PORT=8080 dotnet run scripts/receivers/receiver.cs
//
// WEBHOOK_SECRETS       what POST /subscriptions answered as secret; during a rotation old and new, separated by a space
// WEBHOOK_PLAIN_SECRET  the secret of the header X-QuantaPilot-Secret, if the subscription has one
// HOST, PORT            where to listen; 127.0.0.1 and 8080 by default, 0 for any free port
//
// Whatever of the two secrets is set must be right. Put a proxy with TLS in front of anything but loopback.
#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

const int Largest = 1024 * 1024;
const int Remembered = 10_000;
// As Standard Webhooks says: an older request may be one that somebody sends again.
var tolerance = TimeSpan.FromMinutes(5);

var secrets = Variable("WEBHOOK_SECRETS", "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
var plainSecret = Variable("WEBHOOK_PLAIN_SECRET", "");
var keys = secrets.Select(KeyOf).ToList();
if (keys.Contains(null))
{
    Console.Error.WriteLine("A secret in WEBHOOK_SECRETS is not whsec_ and base64 of 24 bytes or more.");
    return 2;
}
if (keys.Count == 0 && plainSecret.Length == 0)
{
    Console.Error.WriteLine("Set WEBHOOK_SECRETS or WEBHOOK_PLAIN_SECRET: without one anybody could send events.");
    return 2;
}

var seen = new HashSet<string>();
var order = new Queue<string>();

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://{Variable("HOST", "127.0.0.1")}:{Variable("PORT", "8080")}");
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = Largest);
await using var app = builder.Build();
app.Run(ReceiveAsync);
await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();
return 0;

async Task ReceiveAsync(HttpContext context)
{
    var (request, response) = (context.Request, context.Response);
    if (!HttpMethods.IsPost(request.Method))
    {
        response.Headers.Allow = "POST";
        response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        return;
    }
    using var body = new MemoryStream();
    try
    {
        await request.Body.CopyToAsync(body, context.RequestAborted);
    }
    catch (BadHttpRequestException e)
    {
        // Too large, or it ended too early.
        response.StatusCode = e.StatusCode;
        return;
    }
    response.StatusCode = !IsGenuine(request.Headers, body.ToArray()) ? StatusCodes.Status401Unauthorized
        : Print(body.ToArray()) ? StatusCodes.Status204NoContent
        : StatusCodes.Status400BadRequest;
}

// Whether the request comes from QuantaPilot, unchanged and just now.
bool IsGenuine(IHeaderDictionary headers, byte[] body)
{
    if (plainSecret.Length > 0 && !Equal(headers["X-QuantaPilot-Secret"].ToString(), plainSecret)) return false;
    if (keys.Count == 0) return true;
    var (id, timestamp) = (headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString());
    if (id.Length == 0 || timestamp.Length > 12
        || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        || Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - seconds) > tolerance.TotalSeconds) return false;
    byte[] signed = [.. Encoding.Latin1.GetBytes($"{id}.{timestamp}."), .. body];
    var expected = keys.Select(key => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key!, signed))}").ToList();
    // During a rotation there are several signatures: one that fits is enough.
    var given = headers["webhook-signature"].ToString().Split(' ');
    return given.Any(signature => expected.Any(candidate => Equal(signature, candidate)));
}

bool Print(byte[] body)
{
    try
    {
        using var json = JsonDocument.Parse(body);
        var cloudEvent = json.RootElement;
        var id = cloudEvent.GetProperty("id").GetString()!;
        // Events come at least once: the id tells the repeats.
        lock (seen)
        {
            var isNew = seen.Add(id);
            if (isNew) order.Enqueue(id);
            if (order.Count > Remembered) seen.Remove(order.Dequeue());
            var word = isNew ? "received" : "repeated";
            Console.WriteLine($"{word} {id} {cloudEvent.GetProperty("type")} {cloudEvent.GetProperty("data")}");
        }
        return true;
    }
    catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
    {
        return false;
    }
}

static byte[]? KeyOf(string secret)
{
    const string Prefix = "whsec_";
    var key = new byte[secret.Length];
    if (!secret.StartsWith(Prefix, StringComparison.Ordinal)) return null;
    return Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length) && length >= 24 ? key[..length] : null;
}

// In constant time.
static bool Equal(string a, string b) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));

static string Variable(string name, string absent) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : absent;
