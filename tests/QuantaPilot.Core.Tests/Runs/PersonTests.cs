using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Runs;

public sealed class PersonTests
{
    [Theory]
    [InlineData("olga", null, "olga", null, true)]
    [InlineData("olga", null, "Olga", null, true)]
    [InlineData("olga", null, "bob", null, false)]
    [InlineData("olga", "1", "olga.smith", "1", true)]
    [InlineData("olga", "1", "olga", null, true)]
    [InlineData("olga", "1", "olga", "2", true)]
    [InlineData("olga", "1", "bob", "2", false)]
    [InlineData("olga", "1", "bob", null, false)]
    public void IsSameAs_NameOrSubject_MakeOnePerson(string name, string? subject, string otherName, string? otherSubject, bool same)
    {
        var (one, other) = (new Person(name, subject), new Person(otherName, otherSubject));

        Assert.Equal(same, one.IsSameAs(other));
        Assert.Equal(same, other.IsSameAs(one));
    }
}
