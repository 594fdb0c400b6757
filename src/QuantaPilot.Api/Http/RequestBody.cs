using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Http;

/// <summary>Reads request bodies within bounds.</summary>
internal static class RequestBody
{
    /// <summary>In bytes. The largest request of the API, a batch of 100 decisions with reasons of usual length, fits well.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>The body as a <typeparamref name="T"/>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">Its type.</param>
    /// <param name="ifEmpty">What an absent body stands for; null if one is needed.</param>
    public static async Task<Outcome<T>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, T? ifEmpty = null)
        where T : class
    {
        var bytes = await ReadBytesAsync(context, MaxLength);
        if (!bytes.Succeeded(out var body, out var problem)) return problem;
        if (body.Length == 0 && ifEmpty is not null) return ifEmpty;
        return IsJson(context) ? StrictJson.Read(body, type) : UnsupportedMediaType();
    }

    /// <summary>The body as it is, for a signature to be checked before anything else.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxLength">In bytes; a longer one is refused. The standalone host takes no more than 1 MiB itself.</param>
    public static async Task<Outcome<byte[]>> ReadBytesAsync(HttpContext context, int maxLength)
    {
        var request = context.Request;
        if (request.ContentLength > maxLength) return TooLarge(maxLength);
        // What a caller says of the length is not worth more memory than it sends.
        var buffer = new byte[(int)Math.Min(request.ContentLength ?? 4096, MaxLength) + 1];
        var length = 0;
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted)) > 0)
            {
                length += read;
                if (length > maxLength) return TooLarge(maxLength);
                if (length == buffer.Length) Array.Resize(ref buffer, Math.Min(buffer.Length * 2, maxLength + 1));
            }
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(maxLength);
        }
        return buffer[..length];
    }

    public static bool IsJson(HttpContext context) =>
        MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed)
        && parsed.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!parsed.Charset.HasValue || parsed.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || parsed.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));

    private static ProblemResult TooLarge(int maxLength) => new(
        StatusCodes.Status413PayloadTooLarge, ErrorCodes.PayloadTooLarge, $"The body is larger than {maxLength} bytes.");

    public static ProblemResult UnsupportedMediaType() => new(
        StatusCodes.Status415UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, "Content-Type must be application/json, in UTF-8.");
}
