using System.Text.Json;
using System.Text.RegularExpressions;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Infra.Tests;

/// <summary>The workflow that brings gates to Teams.</summary>
[Collection(DeploymentsOnce.Name)]
public sealed partial class LogicAppTests(Deployments deployments)
{
    private static readonly JsonElement _definition =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(BicepCli.RepositoryRoot, "scripts/teams/logic-app.json"))).RootElement;

    private static readonly Dictionary<string, JsonElement> _actions = Actions(_definition.GetProperty("actions")).ToDictionary();

    [Fact]
    public void Template_Workflow_IsTheFile() =>
        Assert.True(JsonElement.DeepEquals(_definition, Workflow().GetProperty("definition")));

    [Fact]
    public void Template_Parameters_AreThoseThatTheDefinitionDeclaresAndUses()
    {
        var declared = _definition.GetProperty("parameters").EnumerateObject().Select(parameter => parameter.Name).Order().ToList();

        Assert.Equal(declared, Workflow().GetProperty("parameters").EnumerateObject().Select(parameter => parameter.Name).Order());
        Assert.Equal(declared, Used(Parameter()));
    }

    [Fact]
    public void Actions_RunAfter_NameActionsBesideThem()
    {
        foreach (var scope in Scopes(_definition.GetProperty("actions")))
        {
            var names = scope.EnumerateObject().Select(action => action.Name).ToList();
            Assert.All(scope.EnumerateObject(), action => Assert.Subset(names.ToHashSet(), After(action.Value).ToHashSet()));
            if (names.Count > 0) Assert.Single(scope.EnumerateObject(), action => !After(action.Value).Any());
        }
    }

    [Fact]
    public void Expressions_Results_AreThoseOfActionsThatExist() =>
        Assert.Subset(_actions.Keys.ToHashSet(), Used(ResultOfAction()).ToHashSet());

    [Fact]
    public void Trigger_Queue_IsReadWithTheManagedIdentity()
    {
        var trigger = _definition.GetProperty("triggers").GetProperty("When_a_gate_is_requested");
        var connection = Workflow().GetProperty("parameters").GetProperty("$connections").GetProperty("value").GetProperty("azurequeues");

        Assert.EndsWith("/message_trigger", trigger.GetProperty("inputs").GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            "ManagedServiceIdentity",
            connection.GetProperty("connectionProperties").GetProperty("authentication").GetProperty("type").GetString());
        Assert.Equal(
            "SystemAssigned",
            deployments.Full.Single("Microsoft.Logic/workflows").GetProperty("identity").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("Get_token")]
    [InlineData("Get_token_again")]
    public void Token_Source_IsTheVaultByManagedIdentity(string action)
    {
        var inputs = _actions[action].GetProperty("inputs");

        Assert.StartsWith("@{parameters('tokenSecretUrl')}", inputs.GetProperty("uri").GetString(), StringComparison.Ordinal);
        Assert.Equal("ManagedServiceIdentity", inputs.GetProperty("authentication").GetProperty("type").GetString());
        Assert.Equal(["inputs", "outputs"], Secured(action));
        Assert.Contains(
            "'approver-token'", Workflow().GetProperty("parameters").GetProperty("tokenSecretUrl").GetProperty("value").GetString());
    }

    [Theory]
    [InlineData("Read_gates", "GET", "@{parameters('apiUrl')}/runs/@{encodeURIComponent(body('Event')?['data']?['run_id'])}/gates")]
    [InlineData(
        "Send_decision", "POST",
        "@{parameters('apiUrl')}/runs/@{encodeURIComponent(body('Event')?['data']?['run_id'])}"
        + "/gates/@{encodeURIComponent(outputs('Gate')?['gate'])}")]
    public void Api_Request_GoesToItsPathWithTheTokenAndKeepsItOutOfTheRunHistory(string action, string method, string uri)
    {
        var inputs = _actions[action].GetProperty("inputs");

        Assert.Equal(method, inputs.GetProperty("method").GetString());
        Assert.Equal(uri, inputs.GetProperty("uri").GetString());
        Assert.Matches(
            @"^Bearer @\{body\('Get_token(_again)?'\)\?\['value'\]\}$",
            inputs.GetProperty("authentication").GetProperty("value").GetString());
        Assert.Equal(["inputs"], Secured(action));
    }

    [Fact]
    public void Decision_Body_IsThatOfTheApiAndBoundToTheHeadThatWasShown()
    {
        var body = _actions["Send_decision"].GetProperty("inputs").GetProperty("body");
        var accepted = CoreJson.Default.DecisionRequest.Properties.Select(property => property.Name);

        Assert.Equal(accepted.Order(), body.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal("@outputs('Gate')?['review']?['head_sha']", body.GetProperty("head_sha").GetString());
        Assert.Equal("@first(body('Waiting_gates'))", _actions["Gate"].GetProperty("inputs").GetString());
    }

    [Fact]
    public void Card_Content_IsWhatIsToBeReviewed()
    {
        var card = _actions["Card"].GetProperty("inputs").GetRawText();

        Assert.All(
            ["['pull_request']?['url']", "['pull_request']?['number']", "['head_sha']", "['summary']", "['description']", "['expires_at']"],
            member => Assert.Contains(member, card, StringComparison.Ordinal));
    }

    [Fact]
    public void Card_Rejection_NeedsAReasonAndApprovalDoesNot()
    {
        var card = _actions["Card"].GetProperty("inputs");
        var reason = card.GetProperty("body").EnumerateArray().Single(element => element.GetProperty("type").GetString() == "Input.Text");
        var buttons = card.GetProperty("actions").EnumerateArray()
            .ToDictionary(button => button.GetProperty("data").GetProperty("decision").GetString()!);

        Assert.True(reason.GetProperty("isRequired").GetBoolean());
        Assert.Equal("none", buttons["approve"].GetProperty("associatedInputs").GetString());
        Assert.False(buttons["reject"].TryGetProperty("associatedInputs", out _));
    }

    private JsonElement Workflow() => deployments.Full.Single("Microsoft.Logic/workflows").GetProperty("properties");

    private static IEnumerable<string> After(JsonElement action) =>
        action.GetProperty("runAfter").EnumerateObject().Select(after => after.Name);

    private static IEnumerable<string?> Secured(string action) => _actions[action]
        .GetProperty("runtimeConfiguration").GetProperty("secureData").GetProperty("properties").EnumerateArray()
        .Select(property => property.GetString());

    private static List<string> Used(Regex pattern) =>
        [.. pattern.Matches(_definition.GetRawText()).Select(match => match.Groups[1].Value).Distinct().Order()];

    /// <summary>A set of actions, and those within them.</summary>
    private static IEnumerable<JsonElement> Scopes(JsonElement scope)
    {
        yield return scope;
        foreach (var action in scope.EnumerateObject())
        {
            if (action.Value.TryGetProperty("actions", out var inner)) foreach (var found in Scopes(inner)) yield return found;
            if (!action.Value.TryGetProperty("else", out var other)) continue;
            foreach (var found in Scopes(other.GetProperty("actions"))) yield return found;
        }
    }

    private static IEnumerable<KeyValuePair<string, JsonElement>> Actions(JsonElement scope) =>
        Scopes(scope).SelectMany(found => found.EnumerateObject()).Select(action => KeyValuePair.Create(action.Name, action.Value));

    [GeneratedRegex(@"parameters\('([^']+)'\)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\b(?:body|outputs)\('([^']+)'\)")]
    private static partial Regex ResultOfAction();
}
