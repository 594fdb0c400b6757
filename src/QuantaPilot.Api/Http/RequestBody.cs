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
        if (await ReadBytesAsync(context, MaxLength) is not { } body) return TooLarge(MaxLength);
        if (body.Length == 0 && ifEmpty is not null) return ifEmpty;
        if (!IsJson(context.Request.ContentType)) return UnsupportedMediaType();
        return StrictJson.Read(body, type);
    }

    /// <summary>The body as it came; null if it has more bytes than that.</summary>
    public static async Task<byte[]?> ReadBytesAsync(HttpContext context, int most)
    {
        var request = context.Request;
        if (request.ContentLength > most) return null;
        var buffer = new byte[(int)(request.ContentLength ?? 4096) + 1];
        var length = 0;
        int read;
        while ((read = await request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted)) > 0)
        {
            length += read;
            if (length > most) return null;
            if (length == buffer.Length) Array.Resize(ref buffer, Math.Min(buffer.Length * 2, most + 1));
        }
        return buffer[..length];
    }

    public static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var parsed)
        && parsed.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!parsed.Charset.HasValue || parsed.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || parsed.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));

    public static ProblemResult TooLarge(int most) => new(
        StatusCodes.Status413PayloadTooLarge, ErrorCodes.PayloadTooLarge, $"The body is larger than {most} bytes.");

    public static ProblemResult UnsupportedMediaType() => new(
        StatusCodes.Status415UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, "Content-Type must be application/json, in UTF-8.");
}
