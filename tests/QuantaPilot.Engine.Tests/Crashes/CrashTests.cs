using CsCheck;

namespace QuantaPilot.Engine.Tests.Crashes;

public sealed class CrashTests
{
    private static readonly Plan OfEverything = new(
    [
        new Step(StepKind.Activity, 3), new Step(StepKind.Event, 0), new Step(StepKind.Parallel, 2), new Step(StepKind.Timer, 5),
        new Step(StepKind.Failure, 1), new Step(StepKind.ContinueAsNew, 0), new Step(StepKind.Event, 0), new Step(StepKind.Child, 2),
        new Step(StepKind.Activity, 4),
    ]);

    private const string Outcome = "|9|<e1>|0,1|later|no 1|again|<e6>|13|16";

    [Fact]
    public async Task Run_NoCrash_HasTheOutcome() => Assert.Equal((Outcome, 0), await PlanRunner.RunAsync(OfEverything));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_CrashAtEachWriteInTurn_HasTheSameOutcome(bool afterCommit)
    {
        var write = 0;
        int crashes;
        do
        {
            (var output, crashes) = await PlanRunner.RunAsync(OfEverything, new CrashPoint(++write, afterCommit));
            Assert.True(output == Outcome, $"After a crash at write {write}: {output}");
        }
        while (crashes == 1);

        // Start, two events, and a dozen turns at least: else the crashes did not come where they were meant to.
        Assert.InRange(write, 15, 60);
    }

    [Fact]
    public async Task Run_RandomPlansAndCrashes_HaveTheOutcomeOfTheUncrashedRun()
    {
        var step = Gen.Select(Gen.Enum<StepKind>(), Gen.Int[1, 4], (kind, size) => new Step(kind, size));
        var plan = step.Array[1, 8].Select(steps => new Plan(steps));
        var crashes = Gen.Select(Gen.Int[1, 25], Gen.Bool, (write, after) => new CrashPoint(write, after)).Array[1, 4];

        await Gen.Select(plan, crashes).SampleAsync(
            async (steps, points) =>
            {
                var (expected, _) = await PlanRunner.RunAsync(steps);
                var (actual, _) = await PlanRunner.RunAsync(steps, points);
                Assert.Equal(expected, actual);
            },
            iter: 40,
            threads: 2);
    }
}
