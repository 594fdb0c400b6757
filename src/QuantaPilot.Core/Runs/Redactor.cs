using System.Text.RegularExpressions;

namespace QuantaPilot.Core.Runs;

/// <summary>
/// Takes what looks like a secret or a person's address out of free text before it is stored or published. It goes by form, so
/// it knows only what has one: a password in the middle of a sentence looks like a word.
/// </summary>
public static partial class Redactor
{
    public const string Replacement = "[redacted]";

    /// <summary>In quotes, or up to a space or a separator.</summary>
    private const string Value = """(?:"[^"\r\n]+"|'[^'\r\n]+'|\\?["']?[^\s"',;&]{4,})[^\s"',;&]*""";

    /// <summary>
    /// The text without e-mail addresses, access tokens, cloud and private keys, webhook addresses that are keys themselves,
    /// credentials in URLs, and the values of password-like settings.
    /// </summary>
    public static string Redact(string text)
    {
        text = PrivateKey().Replace(text, Replacement);
        text = Scheme().Replace(text, "$1 " + Replacement);
        text = Setting().Replace(text, "$1" + Replacement);
        text = Key().Replace(text, Replacement);
        text = WebhookAddress().Replace(text, "$1" + Replacement);
        text = UrlCredentials().Replace(text, "$1" + Replacement + "@");
        return Email().Replace(text, Replacement);
    }

    /// <summary>
    /// True if the text holds what is beyond doubt a secret: a private key, a URL with a password, a token or key of a form
    /// that nothing else has. For texts that are needed as they are (names, addresses, files), which can only be refused.
    /// </summary>
    public static bool HoldsSecret(string text) =>
        PrivateKey().IsMatch(text) || UrlPassword().IsMatch(text) || Key().Matches(text).Any(match => IsRandom(match.ValueSpan));

    private static bool IsRandom(ReadOnlySpan<char> text) =>
        text.Length >= 16 && text.ContainsAnyInRange('0', '9') && text.ContainsAnyInRange('A', 'Z');

    [GeneratedRegex(
        "-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)", RegexOptions.Singleline)]
    private static partial Regex PrivateKey();

    // "Basic authentication" is no secret: after Basic there has to be a digit, a sign, or a capital in the middle of a word.
    [GeneratedRegex(@"\b((?i:Bearer)|(?i:Basic)(?=\s+\S*(?:[0-9=+/]|[a-z][A-Z])))\s+[A-Za-z0-9._~+/=-]{8,}")]
    private static partial Regex Scheme();

    // Also as part of a longer name (DB_PASSWORD, accessToken, SharedAccessKey), in JSON, YAML, connection strings and queries.
    // What turns out to be the name of another setting goes together with its value.
    [GeneratedRegex(
        """((?:passw(?:or)?d|passphrase|secret|credential|connection[_-]?string|shared[_-]?access[_-]?signature"""
        + """|(?:api|access|account|private|signing|encryption|client|storage|shared|host|function|sas)[_-]?key"""
        + """|token(?!s|i)|(?<![a-z])(?:pwd|sig))"""
        + """s?(?:[_-]?(?:key|value|[0-9]{1,3}))?\\?["']?[ \t]*(?:=>|[=:])[ \t]*)"""
        + Value + """(?:(?:(?<=[=:])|[ \t]+[=:])[ \t]*""" + Value + ")*",
        RegexOptions.IgnoreCase)]
    private static partial Regex Setting();

    // In this order: QuantaPilot, GitHub, GitLab, Slack, OpenAI and the like, Stripe, webhook secrets, AWS, Google, npm, PyPI,
    // Hugging Face, SendGrid, DigitalOcean, Entra ID, JWT, Azure Storage and the like, other Azure keys with their mark, and the
    // first two once more where something stands directly before them.
    [GeneratedRegex(
        """(?:(?<![A-Za-z0-9])|\G)(?:qp_[A-Za-z0-9_-]{8,}|gh[pousr]_[A-Za-z0-9]{8,}|github_pat_[A-Za-z0-9_]{8,}"""
        + """|gl(?:pat|dt|rt|ptt|cbt|agent)-[A-Za-z0-9_-]{8,}|xox[abceprs]-[A-Za-z0-9-]{8,}|xapp-[0-9]-[A-Za-z0-9-]{8,}"""
        + """|sk-(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9]{20,}|[rs]k_(?:live|test)_[A-Za-z0-9]{8,}"""
        + """|whsec_[A-Za-z0-9+/=_-]{8,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{16,}"""
        + """|npm_[A-Za-z0-9]{16,}|pypi-AgE[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{16,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"""
        + """|dop_v1_[0-9a-f]{16,}|[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,}"""
        + """|eyJ(?>[A-Za-z0-9_-]{8,512})\.(?>[A-Za-z0-9_-]{8,8192})\.[A-Za-z0-9_-]*"""
        + """|(?<!sha512-)[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/_-]{30,60}(?:AzFu|AzSe|AzCa|ACDb|AIoT|AZDO)[A-Za-z0-9+/_-]{4,12}(?:==?)?)"""
        + """|qp_[A-Za-z0-9_-]{43}|gh[pousr]_[A-Za-z0-9]{36}""")]
    private static partial Regex Key();

    [GeneratedRegex(
        """(https://(?:hooks\.slack\.com|[a-z0-9.-]{1,100}\.webhook\.office\.com"""
        + """|(?:[a-z]{1,10}\.)?discord(?:app)?\.com/api/webhooks)/)[^\s"'<>)]+""",
        RegexOptions.IgnoreCase)]
    private static partial Regex WebhookAddress();

    // Up to the last @ before the path; where the password itself has a slash, up to the first @.
    [GeneratedRegex(@"(\b[a-z][a-z0-9+.-]{1,20}://)(?:[^\s/]{1,300}|[^\s/@:]{0,100}:[^\s@]{1,200})@", RegexOptions.IgnoreCase)]
    private static partial Regex UrlCredentials();

    [GeneratedRegex(@"\b[a-z][a-z0-9+.-]{1,20}://[^\s/@:]{0,100}:[^\s/@]{1,200}@", RegexOptions.IgnoreCase)]
    private static partial Regex UrlPassword();

    [GeneratedRegex("""(?:[\p{L}\p{N}._%+'-]{1,64}|"[^"\r\n]{1,64}")(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+""")]
    private static partial Regex Email();
}
