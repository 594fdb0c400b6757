using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on Azure Table Storage, and what only that does.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesAuditLogTests(AzuriteFixture azurite) : AuditLogSuite
{
    private StorageAccount? _account;

    protected override async Task<(IAuditLog Log, IRunStore Runs)> OpenAsync()
    {
        _account ??= await StorageAccount.CreateAsync(azurite);
        return (new TablesAuditLog(_account.Storage()), _account.Open());
    }

    public override Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Add_AnswerIsLost_LeavesOneEntry()
    {
        var requests = new RequestPolicy(loseAnswerAt: 1);

        await new TablesAuditLog(_account!.Storage(requests)).AddAsync(AuditScenario.Begun(), default);

        Assert.Single((await new TablesAuditLog(_account.Storage()).ListAsync(new AuditQuery(), default)).Items);
        Assert.Equal(2, requests.Count);
    }

    [Fact]
    public async Task Create_InstanceDiesAnywhere_LeavesNoRunWithoutItsEntry()
    {
        var log = new TablesAuditLog(_account!.Storage());
        for (var request = 1; ; request++)
        {
            var run = Scenario.Run();
            var entry = AuditScenario.Begun(AuditAction.StartRun, runId: run.RunId);
            var died = await Record.ExceptionAsync(
                () => _account.Open(new RequestPolicy(dieAt: request)).CreateAsync(run, entry, default));

            var stored = await _account.Open().GetAsync(run.RunId, default);
            var noted = (await log.ListAsync(new AuditQuery(RunId: run.RunId), default)).Items;
            if (stored is not null) Assert.Single(noted);
            // Nobody reads that it took effect where that is not known.
            Assert.All(noted, found => Assert.Equal(AuditOutcome.Begun, found.Outcome));
            if (died is not null) continue;
            // The entry, four lists, the run, and what became of it: without the last the caller is still told of the run.
            Assert.Equal(7, request);
            Assert.NotNull(stored);
            return;
        }
    }
}
