using System.Diagnostics;
using CsCheck;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Runs;

public sealed class RedactorTests
{
    private const string Azure = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    [Theory]
    [InlineData("ask ann@example.com now", "ask [redacted] now")]
    [InlineData("Jürgen.Groß+a@bücher.example.com.", "[redacted].")]
    [InlineData("<o'brien@example.co.uk>", "<[redacted]>")]
    [InlineData("\"ann b\"@example.com", "[redacted]")]
    [InlineData("?mail=ann%40example.com&x=1", "?mail=[redacted]&x=1")]
    [InlineData("Authorization: Bearer abcdefghij", "Authorization: Bearer [redacted]")]
    [InlineData("authorization: bearer  eyJhbGciOiJub25lIn0", "authorization: bearer [redacted]")]
    [InlineData("Basic dXNlcjpwYXNz", "Basic [redacted]")]
    [InlineData("qp_0123456789abcdef0123456789abcdef0123456789a", "[redacted]")]
    [InlineData("id=7qp_0123456789abcdef0123456789abcdef0123456789a", "id=7[redacted]")]
    [InlineData("ghp_0123456789abcdef0123456789abcdef0123", "[redacted]")]
    [InlineData("github_pat_11ABCDE_abcdefgh", "[redacted]")]
    [InlineData("glpat-abcdefgh1234", "[redacted]")]
    [InlineData("xoxb-123456789012-abcdef", "[redacted]")]
    [InlineData("sk-proj-abcdefghijklmnop1234", "[redacted]")]
    [InlineData("sk_live_abcdefgh12345678", "[redacted]")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "[redacted]")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "[redacted]")]
    [InlineData("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = [redacted]")]
    [InlineData("AIzaSyA1234567890abcdefghijklmnopqrstuv", "[redacted]")]
    [InlineData("aaa8Q~abcdefghijklmnopqrstuvwxyz1234567", "[redacted]")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl", "[redacted]")]
    [InlineData("AccountName=a;AccountKey=" + Azure + ";EndpointSuffix=x", "AccountName=a;AccountKey=[redacted];EndpointSuffix=x")]
    [InlineData("the key is " + Azure, "the key is [redacted]")]
    [InlineData("sb://a/;SharedAccessKeyName=Root;SharedAccessKey=abcd1234", "sb://a/;SharedAccessKeyName=Root;SharedAccessKey=[redacted]")]
    [InlineData("Server=s;User Id=sa;Password=\"a b c\";Encrypt=true", "Server=s;User Id=sa;Password=[redacted];Encrypt=true")]
    [InlineData("https://a/b?sv=1&sig=abcdefgh%3D&se=2", "https://a/b?sv=1&sig=[redacted]&se=2")]
    [InlineData("{\"password\":\"hunter2\",\"x\":1}", "{\"password\":[redacted],\"x\":1}")]
    [InlineData("{\\\"api_key\\\":\\\"hunter22\\\"}", "{\\\"api_key\\\":[redacted]\"}")]
    [InlineData("DB_PASSWORD=hunter2 DB_HOST=x", "DB_PASSWORD=[redacted] DB_HOST=x")]
    [InlineData("accessToken: abcdef", "accessToken: [redacted]")]
    [InlineData("password=\"unclosed", "password=[redacted]")]
    [InlineData("https://user:pa55@example.com/x", "https://[redacted]@example.com/x")]
    [InlineData("postgres://u:p@ss@db.internal/x", "postgres://[redacted]@db.internal/x")]
    [InlineData("redis://:pa/ss@cache/0", "redis://[redacted]@cache/0")]
    [InlineData("https://hooks.slack.com/services/T0/B0/abc go", "https://hooks.slack.com/[redacted] go")]
    [InlineData("a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nb", "a\n[redacted]\nb")]
    [InlineData("-----BEGIN PRIVATE KEY-----\\nMIIE", "[redacted]")]
    [InlineData("-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQdG\n-----END PGP PRIVATE KEY BLOCK----- b", "[redacted] b")]
    public void Redact_SecretsAndAddresses_AreTakenOut(string text, string expected) => Assert.Equal(expected, Redactor.Redact(text));

    [Theory]
    [InlineData("Basic authentication failed, Basic Authentication too")]
    [InlineData("60000 tokens: not enough; tokenizer: fine")]
    [InlineData("PASS: test_all (design: done, passes: 3)")]
    [InlineData("Gate milestone:M-001 was rejected: not yet")]
    [InlineData("commit 1111111111111111111111111111111111111111 of 2026-01-01T00:00:00Z")]
    [InlineData("https://example.com/org/project.git refused the push to 'quantapilot/0123456789abcdef0123456789abcdef/documentation'")]
    [InlineData("run 0123456789abcdef0123456789abcdef, 123e4567-e89b-12d3-a456-426614174000")]
    [InlineData("the password is wrong; give a token, a secret or a key")]
    [InlineData("sk-learn and npm_config_cache and pypi-publish-workflow-2")]
    public void Redact_OrdinaryText_StaysAsItIs(string text)
    {
        Assert.Equal(text, Redactor.Redact(text));
        Assert.False(Redactor.HoldsSecret(text));
    }

    [Theory]
    [InlineData("ghp_0123456789abcdefABCDEF0123456789abcd", true)]
    [InlineData("feature/AKIAIOSFODNN7EXAMPLE", true)]
    [InlineData("https://user:pa55@example.com/x", true)]
    [InlineData("run: [curl, -H, 'x: qp_0123456789abcdefABCDEF0123456789abcdef0123456']", true)]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----", true)]
    [InlineData("ann@example.com", false)]
    [InlineData("qp_feature-of-mine", false)]
    [InlineData("prompt: ask for user and password: then go on", false)]
    [InlineData("https://example.com:8443/org/a@b", false)]
    public void HoldsSecret_KeysOfKnownForm_NotWhatMayBeAnything(string text, bool expected) =>
        Assert.Equal(expected, Redactor.HoldsSecret(text));

    [Fact]
    public void Redact_AnySecretInAnySurroundings_LeavesNothingOfIt() => Gen.Select(Surroundings, Secret, Surroundings).Sample(
        (before, secret, after) =>
        {
            var redacted = Redactor.Redact(before + secret.Text + after);
            Assert.DoesNotContain(secret.Core, redacted, StringComparison.Ordinal);
            Assert.Contains(Redactor.Replacement, redacted, StringComparison.Ordinal);
        },
        iter: 5_000);

    [Fact]
    public void Redact_SecretAmongAnything_LeavesNothingOfIt() => Gen.Select(Fragments.Where(HasNoQuotes), Secret, Fragments).Sample(
        (before, secret, after) =>
            Assert.DoesNotContain(secret.Core, Redactor.Redact($"{before} {secret.Text} {after}"), StringComparison.Ordinal),
        iter: 5_000);

    [Fact]
    public void Redact_TextMadeToBeSlow_TakesNoLongerThanOthers()
    {
        string[] pieces =
        [
            "a", "@", "a.", "eyJ", "-eyJ", "eyJaaaaaaaa.", "://", "a://", "a:", "ab://a:", "-----BEGIN PRIVATE KEY-----", "secret",
            "token=\"", "Bearer ",
            "Basic ", "+/", "A8Q~", "qp_", "\"", "'", "https://discord", "x@a.", "AzFu", "\\\"", "password \t",
        ];
        foreach (var piece in pieces)
        {
            var text = string.Concat(Enumerable.Repeat(piece, 32 * 1024 / piece.Length));
            var clock = Stopwatch.StartNew();
            Redactor.Redact(text);
            Redactor.HoldsSecret(text);
            // Most take a few milliseconds; what grows with the square of the length takes minutes.
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"'{piece}' took {clock.Elapsed}");
        }
    }

    /// <summary>After a quote that is left open, what looks like the end of a quotation is its beginning.</summary>
    private static bool HasNoQuotes(string text) => !text.AsSpan().ContainsAny('"', '\'');

    /// <summary>What may stand next to a secret without being part of it.</summary>
    private static Gen<string> Surroundings { get; } = Gen.Select(
        Gen.String[Gen.Char["abcXYZ019 .,:;!?äß\n"], 0, 20], Gen.OneOf(" ", "\n", "(", "[", "<", ", ", "; ", "\t"), Gen.Bool,
        (text, edge, first) => first ? edge + text + edge : text + edge);

    private static Gen<string> Fragments { get; } = Gen.OneOf(
        Gen.String[Gen.Char["abZ09@.:/=-_ \"'\\\n;&%+~"], 1, 12],
        Gen.OneOf(
            "Bearer ", "Basic ", "password=", "token: ", "qp_", "ghp_abcdefgh1", "eyJabcdefgh.abcdefgh.x", "https://", "a:b@",
            "@example.com",
            "[redacted]", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "sig=", "AKIAABCDEFGHIJKL",
            "https://hooks.slack.com/services/x"))
        .Array[1, 12].Select(parts => string.Concat(parts));

    private static Gen<(string Text, string Core)> Secret { get; } = Gen.OneOf(
        Of("abcdefghijklmnopqrstuvwxyz0123456789", 12, 20, core => core + "@example.com"),
        Of(Word, 43, 43, core => "qp_" + core),
        Of(Letters, 36, 36, core => "ghp_" + core),
        Of(Letters, 30, 60, core => "github_pat_" + core),
        Of(Letters, 20, 20, core => "glpat-" + core),
        Of(Letters, 24, 24, core => "xoxb-123456789012-" + core),
        Of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, 16, core => "AKIA" + core),
        Of("abcdefXYZ0123456789+/", 86, 86, core => core + "=="),
        Of("abcdefXYZ0123456789+/", 86, 86, core => "AccountName=a;AccountKey=" + core + "==;EndpointSuffix=core.windows.net"),
        Of(Word, 34, 34, core => "abc8Q~" + core),
        Of(Word, 30, 30, core => $"eyJhbGciOiJIUzI1NiJ9.eyJ{core}.{core}"),
        Of(Word, 20, 40, core => "Authorization: Bearer " + core),
        Of(Letters, 20, 40, core => $"-----BEGIN EC PRIVATE KEY-----\n{core}\n{core}=\n-----END EC PRIVATE KEY-----"),
        Of(Letters, 8, 30, core => $"https://someone:{core}@example.com/x"),
        Of(Letters, 8, 30, core => $"Server=s;Password={core};Encrypt=true"),
        Of(Letters, 8, 30, core => $"\"client_secret\": \"{core}\""),
        Of(Letters, 8, 30, core => $"export DB_PASSWORD='{core}'"),
        Of(Letters, 8, 30, core => $"https://a.example.com/b?sv=1&sig={core}&se=2"));

    private const string Letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const string Word = Letters + "-_";

    private static Gen<(string Text, string Core)> Of(string characters, int min, int max, Func<string, string> write) =>
        Gen.String[Gen.Char[characters], min, max].Select(core => (write(core), core));
}
