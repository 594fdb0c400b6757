namespace QuantaPilot.EndToEnd.Scripts;

/// <summary>The examples that receive webhooks, as they are, held against signatures that the tests make by the standard.</summary>
public sealed class ReceiverTests
{
    private static readonly string[] _cSharp = ["dotnet", "run", Programs.FileOf("scripts/receivers/receiver.cs")];
    private static readonly string[] _javaScript = ["node", Programs.FileOf("scripts/receivers/receiver.mjs")];
    private static readonly string[] _python = ["python3", Programs.FileOf("scripts/receivers/receiver.py")];

    [Fact]
    public Task CSharp_TakesWhatIsGenuineAndNothingElse() => AssertAsync(_cSharp);

    [ProgramsFact("node")]
    public Task JavaScript_TakesWhatIsGenuineAndNothingElse() => AssertAsync(_javaScript);

    [ProgramsFact("python3")]
    public Task Python_TakesWhatIsGenuineAndNothingElse() => AssertAsync(_python);

    [Fact]
    public Task CSharp_WithoutOrWithABrokenSecret_DoesNotStart() => AssertNotStartedAsync(_cSharp);

    [ProgramsFact("node")]
    public Task JavaScript_WithoutOrWithABrokenSecret_DoesNotStart() => AssertNotStartedAsync(_javaScript);

    [ProgramsFact("python3")]
    public Task Python_WithoutOrWithABrokenSecret_DoesNotStart() => AssertNotStartedAsync(_python);

    private static async Task AssertAsync(string[] program)
    {
        var (old, present, foreign) = (WebhookSecret.Create(), WebhookSecret.Create(), WebhookSecret.Create());
        await using var receiver = await WebhookReceiver.StartAsync(program, $"{old.Text} {present.Text}", plainSecret: "");

        // Genuine: with either secret of the receiver, with the signatures of a rotation in any order, and again.
        Assert.Equal(204, await receiver.PostAsync(new WebhookRequest("evt_1").SignedWith(present)));
        Assert.Equal(204, await receiver.PostAsync(new WebhookRequest("evt_2").SignedWith(old)));
        Assert.Equal(204, await receiver.PostAsync(new WebhookRequest("evt_3").SignedWith(foreign, present)));
        Assert.Equal(204, await receiver.PostAsync(new WebhookRequest("evt_4").SignedWith(old, foreign)));
        Assert.Equal(204, await receiver.PostAsync(new WebhookRequest("evt_1").SignedWith(present)));
        Assert.Equal(204, await receiver.PostAsync(new WebhookRequest("evt_5") { Age = TimeSpan.FromMinutes(4) }.SignedWith(present)));

        // Not: tampered with, old, from the future, of another secret, or not signed by the standard.
        var good = new WebhookRequest("evt_9").SignedWith(present);
        Assert.Equal(401, await receiver.PostAsync(good with { Body = good.Body.Replace("anchor", "anchos", StringComparison.Ordinal) }));
        Assert.Equal(401, await receiver.PostAsync(good with { Id = "evt_8" }));
        Assert.Equal(401, await receiver.PostAsync(good with { Age = TimeSpan.FromMinutes(1) }));
        Assert.Equal(401, await receiver.PostAsync(new WebhookRequest("evt_9") { Age = TimeSpan.FromMinutes(6) }.SignedWith(present)));
        Assert.Equal(401, await receiver.PostAsync(new WebhookRequest("evt_9") { Age = TimeSpan.FromMinutes(-6) }.SignedWith(present)));
        Assert.Equal(401, await receiver.PostAsync(new WebhookRequest("evt_9").SignedWith(foreign)));
        Assert.Equal(401, await receiver.PostAsync(new WebhookRequest("evt_9")));
        Assert.Equal(401, await receiver.PostAsync(good with { Signature = $"v2{good.Signature[2..]}" }));
        Assert.Equal(401, await receiver.PostAsync(good with { Signature = good.Signature[3..] }));
        Assert.Equal(401, await receiver.PostAsync(good with { Signature = good.Signature[..^2] }));

        // Genuine, but no event; and what no sender of ours would send.
        Assert.Equal(400, await receiver.PostAsync(new WebhookRequest("evt_9") { Body = "{\"id\":" }.SignedWith(present)));
        Assert.Equal(400, await receiver.PostAsync(new WebhookRequest("evt_9") { Body = "[]" }.SignedWith(present)));
        Assert.Equal(405, await receiver.SendHeadAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
        Assert.Equal(413, await receiver.SendHeadAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n"));
        Assert.Equal(204, await receiver.PostAsync(new WebhookRequest("evt_6").SignedWith(present)));

        string[] expected =
        [
            "received evt_1", "received evt_2", "received evt_3", "received evt_4", "repeated evt_1", "received evt_5", "received evt_6",
        ];
        await receiver.WaitForAsync("evt_6");
        var lines = receiver.Lines.Select(line => line.Split(' ')).Where(words => words[0] is "received" or "repeated").ToList();
        Assert.Equal(expected, lines.Select(words => $"{words[0]} {words[1]}"));
        Assert.All(lines, words => Assert.Equal(["quantapilot.gate_requested", WebhookRequest.Data], words[2..]));

        await AssertPlainAsync(program, present);
    }

    /// <summary>The plain secret alone, and both.</summary>
    private static async Task AssertPlainAsync(string[] program, WebhookSecret secret)
    {
        await using (var receiver = await WebhookReceiver.StartAsync(program, "", "planted-plain"))
        {
            Assert.Equal(204, await receiver.PostAsync(new WebhookRequest("evt_1") { PlainSecret = "planted-plain" }));
            Assert.Equal(401, await receiver.PostAsync(new WebhookRequest("evt_2") { PlainSecret = "planted-plaim" }));
            Assert.Equal(401, await receiver.PostAsync(new WebhookRequest("evt_2") { PlainSecret = "planted" }));
            Assert.Equal(401, await receiver.PostAsync(new WebhookRequest("evt_2")));
        }
        await using var both = await WebhookReceiver.StartAsync(program, secret.Text, "planted-plain");
        Assert.Equal(204, await both.PostAsync(new WebhookRequest("evt_1") { PlainSecret = "planted-plain" }.SignedWith(secret)));
        Assert.Equal(401, await both.PostAsync(new WebhookRequest("evt_2").SignedWith(secret)));
        Assert.Equal(401, await both.PostAsync(new WebhookRequest("evt_2") { PlainSecret = "planted-plain" }));
    }

    private static async Task AssertNotStartedAsync(string[] program)
    {
        var without = await WebhookReceiver.FailAsync(program, "");
        Assert.Contains("Set WEBHOOK_SECRETS or WEBHOOK_PLAIN_SECRET", without, StringComparison.Ordinal);
        foreach (var broken in new[] { "planted-secret", "whsec_c2hvcnQ=", $"{WebhookSecret.Create().Text} whsec_***" })
        {
            var output = await WebhookReceiver.FailAsync(program, broken);
            Assert.Contains("A secret in WEBHOOK_SECRETS is not whsec_", output, StringComparison.Ordinal);
            Assert.DoesNotContain(broken, output, StringComparison.Ordinal);
        }
    }
}
