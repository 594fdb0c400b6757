using System.CommandLine;
using System.Globalization;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Pipeline;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>The limits that <c>qp resume</c> raises.</summary>
internal sealed class LimitOptions
{
    private readonly Option<string?> _tokens = new("--tokens") { Description = "Raise the run's limit of tokens to N.", HelpName = "N" };
    private readonly Option<string?> _usd =
        new("--usd") { Description = "Raise the run's limit of money to X US dollars.", HelpName = "X" };
    private readonly Option<string?> _duration =
        new("--duration") { Description = "Raise the run's limit of time to D, e.g. 12h.", HelpName = "D" };

    public LimitOptions()
    {
        Check(_tokens, text => DailyLimit.TryParseTokens(text, out _), "give a whole number from 1");
        Check(_usd, text => DailyLimit.TryParseUsd(text, out _), "give an amount, e.g. 20 or 0.50");
        Check(_duration, text => DurationText.TryParse(text, out _), $"give {DurationText.Accepted}");
    }

    public void AddTo(Command command)
    {
        command.Add(_tokens);
        command.Add(_usd);
        command.Add(_duration);
    }

    /// <summary>What the API takes; null if none is given.</summary>
    public LimitsResource? Read(ParseResult parse)
    {
        var (tokens, usd, duration) = (parse.GetValue(_tokens), parse.GetValue(_usd), parse.GetValue(_duration));
        if (tokens is null && usd is null && duration is null) return null;
        return new LimitsResource(
            tokens is null ? null : long.Parse(tokens, CultureInfo.InvariantCulture),
            usd is null ? null : decimal.Parse(usd, CultureInfo.InvariantCulture),
            duration);
    }

    private static void Check(Option<string?> option, Func<string, bool> accepts, string accepted) => option.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var text }] && !accepts(text))
            result.AddError($"{option.Name} '{text}' is not accepted: {accepted}.");
    });
}
