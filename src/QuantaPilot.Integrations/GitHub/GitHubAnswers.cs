namespace QuantaPilot.Integrations.GitHub;

// What is read of answers that Octokit has no types for, or types without what matters here. The names are those of GitHub's API.

internal sealed class ProtectedBranch
{
    public BranchProtectionSummary? Protection { get; set; }
}

internal sealed class BranchProtectionSummary
{
    public ProtectionChecks? RequiredStatusChecks { get; set; }
}

internal sealed class ProtectionChecks
{
    /// <summary><c>off</c>, <c>non_admins</c> or <c>everyone</c>.</summary>
    public string? EnforcementLevel { get; set; }

    public List<string>? Contexts { get; set; }

    /// <summary>The same with the App that each must come from; not on older servers.</summary>
    public List<ProtectionCheck>? Checks { get; set; }
}

internal sealed class ProtectionCheck
{
    public string Context { get; set; } = "";

    public long? AppId { get; set; }
}

internal sealed class BranchRule
{
    public string? Type { get; set; }

    public RuleParameters? Parameters { get; set; }
}

internal sealed class RuleParameters
{
    public List<RuleCheck>? RequiredStatusChecks { get; set; }
}

internal sealed class RuleCheck
{
    public string Context { get; set; } = "";

    public long? IntegrationId { get; set; }
}

internal sealed class CheckRunPage
{
    public List<CheckRunItem>? CheckRuns { get; set; }
}

internal sealed class CheckRunItem
{
    public string Name { get; set; } = "";

    public string? Status { get; set; }

    public string? Conclusion { get; set; }

    public string? HtmlUrl { get; set; }

    public string? DetailsUrl { get; set; }

    public CheckRunText? Output { get; set; }

    public CheckRunApp? App { get; set; }
}

internal sealed class CheckRunText
{
    public string? Title { get; set; }

    public string? Summary { get; set; }
}

internal sealed class CheckRunApp
{
    public long Id { get; set; }
}

internal sealed class StatusPage
{
    public List<StatusItem>? Statuses { get; set; }
}

internal sealed class StatusItem
{
    public string Context { get; set; } = "";

    public string? State { get; set; }

    public string? Description { get; set; }

    public string? TargetUrl { get; set; }
}
