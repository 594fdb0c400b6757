using QuantaPilot.Api.Events;
using QuantaPilot.Api.Tests.Support;

namespace QuantaPilot.Api.Tests.Streams;

public sealed class SharedPagesTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task ReadAsync_AgainAfterAChange_ShowsIt()
    {
        var pages = new SharedPages(_host.Store);
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        for (var revision = 2; revision < 100; revision++)
        {
            var before = pages.ReadAsync(0);
            await _host.Store.AppendAsync(id, [Scenario.Tick(revision)], default);
            Assert.Equal(revision, (await pages.ReadAsync(0)).Count);
            Assert.InRange((await before).Count, revision - 1, revision);
        }
    }

    [Fact]
    public async Task ReadAsync_AtOtherPlaces_GivesWhatComesAfterEach()
    {
        var pages = new SharedPages(_host.Store);
        await _host.AddRunAsync(Scenario.Run(), [Scenario.Started(), .. Enumerable.Range(2, 149).Select(i => Scenario.Tick(i))]);

        var read = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => pages.ReadAsync(i % 150)));

        for (var i = 0; i < read.Length; i++)
        {
            var after = i % 150;
            Assert.Equal(Enumerable.Range(after + 1, Math.Min(SharedPages.Size, 150 - after)), read[i].Select(e => (int)e.Sequence));
        }
    }
}
