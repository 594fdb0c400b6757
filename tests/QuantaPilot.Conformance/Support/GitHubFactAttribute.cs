namespace QuantaPilot.Conformance.Support;

/// <summary>A scenario for servers that have credentials for the suite's GitHub.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GitHubFactAttribute : FactAttribute
{
    public GitHubFactAttribute()
    {
        if (!Settings.GitHub) Skip = "The server does not know the suite's GitHub (QP_CONFORMANCE_GITHUB_PORT says where it does).";
    }
}
