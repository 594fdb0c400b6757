using System.Text;

namespace QuantaPilot.Api.Tests.Fuzz;

/// <summary>Bodies: like what an endpoint takes, somewhat unlike it, and nothing of the kind.</summary>
internal static class FuzzedJson
{
    private static readonly string[] _members =
    [
        "repo_url", "branch", "quantapilot_yaml_path", "correlation_id", "approved", "reason", "head_sha", "decisions", "run_id",
        "gate", "name", "roles",
        "projects", "expires_at", "url", "events", "secret", "limits", "", "Reason", "__proto__", "$type", "a.b", "\\ud800",
        "\\u0000", "\u00e9",
    ];

    /// <summary>Values that are read with care, or should be.</summary>
    private static readonly string[] _values =
    [
        "null", "true", "false", "0", "-0", "1e999999", "-1.7976931348623157e+309", "123456789012345678901234567890", "\"\"",
        "\" \"", "\"\\ud800\"",
        "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\u2028\"", "\"../../etc/passwd\"", "\"https://example.com/org/project\"",
        "\"https://a:b@example.com/x\"",
        "\"file:///etc\"", "\"main\"", "\"-x\"", "\"x.lock\"", "\"anchor\"", "\"milestone:..\"", "\"admin\"", "\"consumer\"",
        "\"*\"", "\"https://*\"",
        "\"2027-01-31T00:00:00Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59.9999999-14:00\"", "\"2027-02-30T00:00:00Z\"",
        "\"123e4567-e89b-12d3-a456-426614174000\"", "\"00000000000000000000000000000000\"",
        "\"1111111111111111111111111111111111111111\"", "[]", "{}",
        "[null]", "[[[[[[]]]]]]", "{\"a\":{\"b\":{}}}", "NaN", "'x'", "01", "\"unclosed", "\t",
    ];

    /// <summary>One that an endpoint takes, changed here and there.</summary>
    public static byte[] Mutate(Random random, string valid)
    {
        var text = valid;
        for (var changes = random.Next(1, 4); changes > 0; changes--) text = Change(random, text);
        var bytes = Encoding.UTF8.GetBytes(text);
        if (random.Next(4) > 0 || bytes.Length == 0) return bytes;
        for (var flips = random.Next(1, 4); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    /// <summary>One that comes of nothing.</summary>
    public static byte[] Any(Random random) => random.Next(8) switch
    {
        0 => Bytes(random, random.Next(0, 300)),
        1 => Bytes(random, random.Next(60_000, 80_000)),
        2 => Encoding.ASCII.GetBytes(Nested(random, "[", "]")),
        3 => Encoding.ASCII.GetBytes(Nested(random, "{\"decisions\":", "}")),
        4 => Encoding.ASCII.GetBytes("{\"reason\":\"" + new string('x', random.Next(900, 70_000)) + "\"}"),
        5 => Encoding.ASCII.GetBytes($$"""{"decisions":[{{string.Join(',', Enumerable.Repeat("{}", random.Next(0, 120)))}}]}"""),
        _ => Encoding.UTF8.GetBytes(Value(random, depth: 4)),
    };

    private static string Change(Random random, string text)
    {
        var at = random.Next(text.Length + 1);
        switch (random.Next(6))
        {
            case 0:
                return text[..at];
            case 1:
                return text[..at] + (char)random.Next(0x80) + text[at..];
            case 2:
                // Another member, perhaps one that is there already.
                return text.Length < 2 ? text : $"{{\"{Pick(random, _members)}\":{Value(random, 2)},{text[1..]}";
            case 3:
                var colon = text.IndexOf(':', Math.Min(at, Math.Max(0, text.Length - 1)));
                if (colon < 0) return text;
                var end = text.AsSpan(colon).IndexOfAny(',', '}');
                return text[..(colon + 1)] + Pick(random, _values) + (end < 0 ? "" : text[(colon + end)..]);
            case 4:
                return random.Next(2) == 0 ? "\uFEFF" + text : text + text;
            default:
                return text.Replace("\"", random.Next(2) == 0 ? "'" : "\\\"", StringComparison.Ordinal);
        }
    }

    private static string Value(Random random, int depth)
    {
        if (depth == 0 || random.Next(3) == 0) return Pick(random, _values);
        var isArray = random.Next(3) == 0;
        var inner = Enumerable.Range(0, random.Next(0, 5))
            .Select(_ => isArray ? Value(random, depth - 1) : $"\"{Pick(random, _members)}\":{Value(random, depth - 1)}");
        return isArray ? $"[{string.Join(',', inner)}]" : $"{{{string.Join(',', inner)}}}";
    }

    private static string Nested(Random random, string open, string close)
    {
        var depth = random.Next(1, 4_000);
        return string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Pick(Random random, string[] of) => of[random.Next(of.Length)];
}
