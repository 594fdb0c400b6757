using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Admission;

public sealed class AdmissionBookTests
{
    private static readonly AdmissionKey A = new("https://example.com/a", "main");
    private static readonly AdmissionKey B = new("https://example.com/b", "main");
    private static readonly ConcurrencyLimits One = new() { Running = 1 };

    [Fact]
    public void Take_WithoutLimits_AdmitsEverybodyAtOnce()
    {
        var book = Enumerable.Range(1, 5).Aggregate(AdmissionBook.Empty, (book, n) => book.Take(Id(n), A, 1, new ConcurrencyLimits()));

        Assert.All(book.Entries, entry => Assert.Equal((AdmissionState.Working, true), (entry.State, entry.Told)));
        Assert.Empty(book.Queue);
    }

    [Fact]
    public void Take_OverTheLimitOfTheHost_WaitsInOrderOfArrival()
    {
        var book = Take(One, (3, A), (1, B), (2, A));

        Assert.Equal([3], Working(book));
        Assert.Equal([1, 2], book.Queue.Select(Number));
        Assert.Equal(new QueuePlace(1, "host"), book.FindPlace(Id(1), One));
        Assert.Equal(new QueuePlace(2, "host"), book.FindPlace(Id(2), One));
        Assert.Null(book.FindPlace(Id(3), One));
    }

    [Fact]
    public void Take_OverTheLimitOfTheProject_LetsOtherProjectsPass()
    {
        var limits = new ConcurrencyLimits { Running = 3, RunningPerProject = 1 };
        var book = Take(limits, (1, A), (2, A), (3, B), (4, B));

        Assert.Equal([1, 3], Working(book));
        Assert.Equal("project", book.FindPlace(Id(2), limits)!.Limit);
        Assert.Equal([2, 3], Working(book.Leave(Id(1), limits)));
    }

    [Fact]
    public void Take_OverTheLimitOfTheBranch_WaitsUntilTheOtherHasEnded()
    {
        var limits = new ConcurrencyLimits { RunningPerBranch = 1 };
        var book = Take(limits, (1, A), (2, A), (3, A with { Branch = "other" }));
        Assert.Equal([1, 3], Working(book));
        Assert.Equal(new QueuePlace(1, "branch"), book.FindPlace(Id(2), limits));

        var atGate = book.GiveBack(Id(1), 1, limits);
        Assert.Equal([3], Working(atGate));
        Assert.Equal([1, 3], Working(atGate.Take(Id(1), A, 2, limits)));
        Assert.Equal([2, 3], Working(atGate.Leave(Id(1), limits)));
    }

    [Fact]
    public void GiveBack_AdmitsTheNextWhoIsToBeTold()
    {
        var book = Take(One, (1, A), (2, A), (3, A)).GiveBack(Id(1), 1, One);

        Assert.Equal([2], Working(book));
        Assert.Equal([2], book.Untold.Select(Number));
        Assert.Empty(book.Tell(Id(2), 1).Untold);
        Assert.NotEmpty(book.Tell(Id(2), 2).Untold);
    }

    [Fact]
    public void Take_OfARunThatHasBegun_GoesBeforeThoseThatHaveNot()
    {
        var book = Take(One, (1, A), (2, A), (3, A)).GiveBack(Id(1), 1, One).Take(Id(1), A, 2, One);

        Assert.Equal([1, 3], book.Queue.Select(Number));
        Assert.Equal([1], Working(book.Leave(Id(2), One)));
    }

    [Fact]
    public void Take_AfterAPauseInTheQueue_HasItsPlaceAgain()
    {
        var book = Take(One, (1, A), (2, A), (3, A)).GiveBack(Id(2), 1, One);
        Assert.Equal([3], book.Queue.Select(Number));

        Assert.Equal([2, 3], book.Take(Id(2), A, 2, One).Queue.Select(Number));
    }

    [Fact]
    public void Changes_Repeated_ChangeNothing()
    {
        var book = Take(One, (1, A), (2, A));
        Assert.Same(book, book.Take(Id(1), A, 1, One));
        Assert.Same(book, book.Take(Id(2), A, 1, One));

        var back = book.GiveBack(Id(1), 1, One);
        Assert.Same(back, back.GiveBack(Id(1), 1, One));
        // A repeat that comes after everything else.
        Assert.Same(back, back.Take(Id(1), A, 1, One));
        var again = back.Take(Id(1), A, 2, One);
        Assert.Same(again, again.GiveBack(Id(1), 1, One));

        var left = again.Leave(Id(1), One);
        Assert.Same(left, left.Leave(Id(1), One));
    }

    [Fact]
    public void Admit_LimitsWereRaised_AdmitsInOrder()
    {
        var book = Take(One, (1, A), (2, A), (3, A), (4, A)).Admit(new ConcurrencyLimits { Running = 3 });

        Assert.Equal([1, 2, 3], Working(book));
        Assert.Equal([1, 2, 3, 4], Working(book.Admit(new ConcurrencyLimits())));
    }

    [Fact]
    public void Changes_AtRandom_NeverExceedALimitAndLeaveNobodyWaitingInVain()
    {
        var random = new Random(4711);
        var limits = new ConcurrencyLimits { Running = 3, RunningPerProject = 2 };
        var book = AdmissionBook.Empty;
        var tickets = new Dictionary<int, int>();
        for (var i = 0; i < 5_000; i++)
        {
            var n = random.Next(1, 12);
            var key = n % 2 == 0 ? A : B;
            var ticket = tickets.GetValueOrDefault(n);
            book = random.Next(3) switch
            {
                0 => book.Take(Id(n), key, tickets[n] = ticket + 1, limits),
                1 => book.GiveBack(Id(n), ticket, limits),
                _ => book.Leave(Id(n), limits),
            };
            var working = book.Entries.Where(entry => entry.State == AdmissionState.Working).ToList();
            Assert.InRange(working.Count, 0, 3);
            Assert.All(working.GroupBy(entry => entry.Key.Project), project => Assert.InRange(project.Count(), 1, 2));
            Assert.All(book.Queue, entry => Assert.NotNull(book.FindPlace(entry.RunId, limits)!.Limit));
        }
    }

    private static AdmissionBook Take(ConcurrencyLimits limits, params (int Number, AdmissionKey Key)[] runs) =>
        runs.Aggregate(AdmissionBook.Empty, (book, run) => book.Take(Id(run.Number), run.Key, 1, limits));

    private static IEnumerable<int> Working(AdmissionBook book) =>
        book.Entries.Where(entry => entry.State == AdmissionState.Working).Select(Number).Order();

    private static int Number(AdmissionEntry entry) => Convert.ToInt32(entry.RunId.ToString(), 16);

    private static RunId Id(int number) => RunId.Parse(number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture));
}
