using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Tests.Orchestrations;

/// <summary>A run whose forge has checks and pages, and what that forge says when it is looked at.</summary>
internal sealed class ScriptedForge
{
    public const string Moved = "3333333333333333333333333333333333333333";
    public static readonly CheckReport Pending = new(CheckState.Pending, ["build", "lint"], []);
    public static readonly CheckReport Succeeded = new(CheckState.Succeeded, [], []);

    private readonly DateTimeOffset _start;

    public ScriptedForge(PipelineDefinition? pipeline = null, ForgeTraits? traits = null)
    {
        Run = new ScriptedContext(pipeline);
        _start = Run.UtcNow;
        Run.Answer<PrepareRunInput>(ActivityNames.PrepareRun, _ =>
            ScriptedContext.Ok(new PreparedRun(ScriptedContext.Head, pipeline ?? PipelineDefinition.Default)
            {
                Forge = traits ?? new ForgeTraits(HasChecks: true, HasPages: true),
            }));
        Run.Answer<LookAtPullRequestInput>(ActivityNames.LookAtPullRequest, Look);
        Run.Answer<MergePullRequestInput>(ActivityNames.MergePullRequest, input =>
        {
            Merges.Add(input);
            return ScriptedContext.Ok(new MergeResult(input.ReviewedHeadSha == Head ? ScriptedContext.Merged : null, Head));
        });
    }

    public ScriptedContext Run { get; }

    /// <summary>Where the branch stands.</summary>
    public string Head { get; set; } = ScriptedContext.Head;

    public CheckReport Report { get; set; } = Pending;

    /// <summary>What looks end with instead.</summary>
    public StepFailure? Failure { get; set; }

    public List<LookAtPullRequestInput> Looks { get; } = [];

    /// <summary>When each look was, since the start.</summary>
    public List<TimeSpan> LookedAt { get; } = [];

    public List<MergePullRequestInput> Merges { get; } = [];

    public ScriptedForge Start()
    {
        Run.Start();
        return this;
    }

    public void Tell(string? headSha, int number = 1) => Run.Raise(
        new RunSignal(RunSignalKind.ForgeChanged) { ForgeChange = new ForgeChange("push", number, headSha) });

    /// <summary>Lets time pass as it does, second by second.</summary>
    public void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(1)) Run.Advance(TimeSpan.FromSeconds(1));
    }

    private StepResult<PullRequestLook> Look(LookAtPullRequestInput input)
    {
        Looks.Add(input);
        LookedAt.Add(Run.UtcNow - _start);
        if (Failure is { } failure) return new StepResult<PullRequestLook>(null, failure);
        return ScriptedContext.Ok(new PullRequestLook(Head, input.HeadOnly || input.HeadSha != Head ? null : Report));
    }
}
