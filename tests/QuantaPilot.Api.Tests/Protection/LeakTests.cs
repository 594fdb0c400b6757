namespace QuantaPilot.Api.Tests.Protection;

/// <summary>That what the suites look for would be found.</summary>
public sealed class LeakTests
{
    private static readonly string _token = $"qp_{new string('A', 43)}";

    [Theory]
    [InlineData("Request of olga@example.com failed")]
    [InlineData("secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw rotated")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln")]
    [InlineData("the password is Pl4ntedSql")]
    public void FindInLog_Secret_IsFound(string line) => Assert.NotNull(Leaks.FindInLog(line));

    [Theory]
    [InlineData("Listening on http://127.0.0.1:7071.")]
    [InlineData("A new admin token is in /data/admin.token; any earlier one is revoked.")]
    [InlineData("run 0198c5a0d6f27c3e9b1f4a2d8e6c7b50, request 0HNB7QJ3L2K4M:00000003, [redacted]")]
    public void FindInLog_Ids_AreNotFound(string line) => Assert.Null(Leaks.FindInLog(line));

    [Fact]
    public void FindInPublished_Token_IsFoundUnlessItIsGiven()
    {
        Assert.NotNull(Leaks.FindInPublished("an event", $$"""{"reason":"{{_token}}"}""", givesSecrets: false));
        Assert.Null(Leaks.FindInPublished("the answer", $$"""{"token":"{{_token}}"}""", givesSecrets: true));
        Assert.NotNull(Leaks.FindInPublished("the answer", Planted.Address, givesSecrets: true));
    }

    [Theory]
    [InlineData("POST", "/tokens", true)]
    [InlineData("POST", "/subscriptions/sub-1/rotate", true)]
    [InlineData("GET", "/tokens", false)]
    [InlineData("POST", "/run", false)]
    public void GivesSecrets_ByRequest_IsTrueForThoseThatDo(string method, string path, bool expected) =>
        Assert.Equal(expected, Leaks.GivesSecrets(method, path));

    [Theory]
    [InlineData("token create ci --role operator", true)]
    [InlineData("subscriptions rotate sub-1", true)]
    [InlineData("token list", false)]
    [InlineData("run --branch token create", false)]
    public void CommandGivesSecrets_ByItsFirstWords_IsTrueForThoseThatDo(string line, bool expected) =>
        Assert.Equal(expected, Leaks.CommandGivesSecrets(line.Split(' ')));
}
