using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Functions.Settings;

/// <summary>The settings <c>DailyLimits:N:Project</c>, <c>:Tokens</c> and <c>:Usd</c>.</summary>
internal static class DailyLimitSettings
{
    /// <exception cref="InvalidSettingException">One is missing or not accepted.</exception>
    public static IReadOnlyList<DailyLimit> Read(SettingsReader section) =>
        [.. section.Children("DailyLimits").Select(name => ReadOne(section, name))];

    private static DailyLimit ReadOne(SettingsReader section, string name)
    {
        var (projects, tokens, usd) = (section.Text($"{name}:Project"), section.Text($"{name}:Tokens"), section.Text($"{name}:Usd"));
        if (projects is null)
            throw section.Refuse($"{name}:Project", "is missing: a glob over repositories, e.g. https://github.com/my-org/*.");
        if (tokens is null && usd is null) throw section.Refuse($"{name}:Tokens", "is missing: give Tokens, Usd or both.");
        try
        {
            _ = new RepositoryPolicy([projects]);
        }
        catch (FormatException e)
        {
            throw section.Refuse($"{name}:Project", $"is not accepted: {e.Message}");
        }
        var (tokenLimit, usdLimit) = (0L, 0m);
        if (tokens is not null && !DailyLimit.TryParseTokens(tokens, out tokenLimit))
            throw section.Refuse($"{name}:Tokens", $"must be a whole number from 1, not '{tokens}'.");
        if (usd is not null && !DailyLimit.TryParseUsd(usd, out usdLimit))
            throw section.Refuse($"{name}:Usd", $"must be an amount above 0, e.g. 20 or 0.50, not '{usd}'.");
        return new DailyLimit(projects, tokens is null ? null : tokenLimit, usd is null ? null : usdLimit);
    }
}
