using System.Text.RegularExpressions;

namespace QuantaPilot.Core.Runs;

/// <summary>Takes what looks like a secret or a person's address out of free text before it is stored or published.</summary>
public static partial class Redactor
{
    public const string Replacement = "[redacted]";

    /// <summary>The text without e-mail addresses, access tokens, cloud and private keys, and values of password-like settings.</summary>
    public static string Redact(string text)
    {
        text = PrivateKey().Replace(text, Replacement);
        text = Scheme().Replace(text, "$1 " + Replacement);
        text = Setting().Replace(text, "$1" + Replacement);
        text = Token().Replace(text, Replacement);
        text = UrlCredentials().Replace(text, "$1" + Replacement + "@");
        return Email().Replace(text, Replacement);
    }

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", RegexOptions.Singleline)]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{8,}", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(
        @"\b((?:password|passwd|pwd|secret|client_secret|token|access_token|api[_-]?key|account_?key|access_?key|shared_?access_?key|sig)[""']?\s*[=:]\s*[""']?)[^\s""',;&]{4,}",
        RegexOptions.IgnoreCase)]
    private static partial Regex Setting();

    // QuantaPilot, GitHub, GitLab, Slack, OpenAI and the like, AWS, Google, JWT.
    [GeneratedRegex(
        @"(?<![A-Za-z0-9])(?:qp_[A-Za-z0-9_-]{8,}|gh[pousr]_[A-Za-z0-9]{8,}|github_pat_[A-Za-z0-9_]{8,}|glpat-[A-Za-z0-9_-]{8,}|xox[abeprs]-[A-Za-z0-9-]{8,}|sk-[A-Za-z0-9_-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|AIza[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)")]
    private static partial Regex Token();

    [GeneratedRegex(@"(\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@]{1,200}@", RegexOptions.IgnoreCase)]
    private static partial Regex UrlCredentials();

    [GeneratedRegex(@"[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+")]
    private static partial Regex Email();
}
