using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Api.Tests.Schemas;

/// <summary>The schemas against the contracts in the code, both ways: neither has a member, value or code that the other lacks.</summary>
public sealed class ContractSchemaTests
{
    private static readonly Dictionary<string, Type> _requests = new()
    {
        ["run_request"] = typeof(RunRequest),
        ["control_request"] = typeof(ControlRequest),
        ["resume_request"] = typeof(ResumeRequest),
        ["decision_request"] = typeof(DecisionRequest),
        ["batch_decision_request"] = typeof(BatchDecisionRequest),
        ["batch_decision"] = typeof(BatchDecision),
        ["token_request"] = typeof(TokenRequest),
        ["subscription_request"] = typeof(SubscriptionRequest),
        ["subscription_filter_request"] = typeof(SubscriptionFilterRequest),
        ["rotation_request"] = typeof(RotationRequest),
        ["agent_callback"] = typeof(AgentCallback),
        ["agent_file"] = typeof(AgentFile),
        ["agent_usage"] = typeof(AgentCallbackUsage),
    };

    private static readonly Dictionary<string, Type> _answers = new()
    {
        ["run_accepted"] = typeof(RunAccepted),
        ["run"] = typeof(RunResource),
        ["run_error"] = typeof(RunError),
        ["run_limits"] = typeof(LimitsResource),
        ["run_usage"] = typeof(RunUsage),
        ["limit_warning"] = typeof(LimitWarning),
        ["pull_request"] = typeof(PullRequestState),
        ["pull_request_ref"] = typeof(PullRequestRef),
        ["milestone"] = typeof(MilestoneState),
        ["step_progress"] = typeof(StepProgress),
        ["gate"] = typeof(GateResource),
        ["vote"] = typeof(Vote),
        ["gate_review"] = typeof(GateReview),
        ["decision_answer"] = typeof(DecisionAnswer),
        ["batch_decision_answers"] = typeof(BatchDecisionAnswers),
        ["batch_decision_answer"] = typeof(BatchDecisionAnswer),
        ["token_created"] = typeof(TokenCreated),
        ["token"] = typeof(TokenResource),
        ["delivery"] = typeof(DeliveryResource),
        ["delivery_attempt"] = typeof(DeliveryAttempt),
        ["subscription"] = typeof(SubscriptionResource),
        ["subscription_filter"] = typeof(SubscriptionFilter),
        ["subscription_secret"] = typeof(SecretResource),
        ["plain_secret"] = typeof(SecretHeaderResource),
        ["subscription_created"] = typeof(SubscriptionCreated),
        ["subscription_rotated"] = typeof(SubscriptionRotated),
        ["subscription_test_result"] = typeof(SubscriptionTestResult),
        ["subscription_page"] = typeof(ResourcePage<SubscriptionResource>),
        ["webhook_test_event"] = typeof(WebhookTestEvent),
        ["webhook_test"] = typeof(WebhookTestData),
        ["audit_entry"] = typeof(AuditEntry),
        ["audit_page"] = typeof(ResourcePage<AuditEntry>),
        ["hook_answer"] = typeof(HookAnswer),
        ["agent_task"] = typeof(AgentTaskMessage),
        ["agent_callback_answer"] = typeof(AgentCallbackAnswer),
        ["run_log_entry"] = typeof(RunLogEntry),
        ["run_log_page"] = typeof(ResourcePage<RunLogEntry>),
        ["health"] = typeof(HealthResource),
        ["problem"] = typeof(Problem),
        ["run_page"] = typeof(ResourcePage<RunResource>),
        ["gate_page"] = typeof(ResourcePage<GateResource>),
        ["token_page"] = typeof(ResourcePage<TokenResource>),
        ["delivery_page"] = typeof(ResourcePage<DeliveryResource>),
        ["cloud_event"] = typeof(CloudEvent),
        ["run_started"] = typeof(RunStartedData),
        ["documentation_generated"] = typeof(DocumentationGeneratedData),
        ["gate_requested"] = typeof(GateRequestedData),
        ["gate_decision"] = typeof(GateDecisionData),
        ["milestone_completed"] = typeof(MilestoneCompletedData),
        ["run_paused"] = typeof(RunPausedData),
        ["run_resumed"] = typeof(RunResumedData),
        ["run_failed"] = typeof(RunFailedData),
        ["run_completed"] = typeof(RunCompletedData),
    };

    public static TheoryData<string> Contracts() => [.. _requests.Keys.Concat(_answers.Keys)];

    public static TheoryData<string> Answers() => [.. _answers.Keys];

    public static TheoryData<string> Requests() => [.. _requests.Keys];

    [Theory]
    [MemberData(nameof(Contracts))]
    public void Members_AreThoseOfTheContract(string name) => Assert.Equal(
        Members(name).Select(member => member.Name).Order(), Schema(name)["properties"]!.AsObject().Select(member => member.Key).Order());

    [Theory]
    [MemberData(nameof(Answers))]
    public void RequiredMembers_AreThoseThatAreAlwaysThere(string name) => Assert.Equal(
        Members(name).Where(member => !member.IsOptional).Select(member => member.Name).Order(),
        Schema(name)["required"]!.AsArray().Select(member => (string)member!).Order());

    [Theory]
    [MemberData(nameof(Requests))]
    public void Requests_RefuseWhatTheyDoNotKnow(string name) => Assert.False((bool)Schema(name)["additionalProperties"]!);

    [Fact]
    public void Values_AreThoseOfTheEnumerations()
    {
        Assert.Equal(Values<RunStatus>(), EnumOf(Schema("run_status")));
        Assert.Equal(Values<GateStatus>(), EnumOf(Schema("gate_status")));
        Assert.Equal(Values<MilestoneStatus>(), EnumOf(Schema("milestone")["properties"]!["status"]!));
        Assert.Equal(Values<ProgressKind>(), EnumOf(Schema("step_progress")["properties"]!["doing"]!));
        Assert.Equal(Values<DeliveryStatus>(), EnumOf(Schema("delivery_status")));
        Assert.Equal(Values<TokenRole>(), EnumOf(Schema("token_role")));
        Assert.Equal(EventData.Names.Order(), EnumOf(Schema("event_name")).Order());
        Assert.Equal(Values<AuditAction>(), EnumOf(Schema("audit_action")));
        Assert.Equal(Values<AuditOutcome>(), EnumOf(Schema("audit_outcome")));
        Assert.Equal(Values<HookResult>(), EnumOf(Schema("hook_answer")["properties"]!["result"]!));
        // The others are answered as problems.
        Assert.Equal(["already_decided", "applied", "recorded"], EnumOf(Schema("vote_result")));
        Assert.Equal(Constants(typeof(DeliveryCodes)), EnumOf(Schema("delivery_code")));
    }

    [Fact]
    public void Events_AreTheNine()
    {
        var events = Schema("event")["oneOf"]!.AsArray().Select(e => ((string)e!["$ref"]!)["#/$defs/".Length..]);
        Assert.Equal(EventData.Names.Select(name => $"{name}_event").Order(), events.Order());
        foreach (var name in EventData.Names)
        {
            var members = Schema($"{name}_event")["properties"]!;
            Assert.Equal(CloudEvent.TypePrefix + name, (string)members["type"]!["const"]!);
            Assert.Equal($"{SchemaSet.Api["$id"]}#/$defs/{name}", (string)members["dataschema"]!["const"]!);
            Assert.Equal($"#/$defs/{name}", (string)members["data"]!["$ref"]!);
        }
    }

    [Fact]
    public void ErrorCodes_AreAllInTheSchemaAndNoOthers()
    {
        var schema = Codes("request_error_code").Concat(Codes("run_error_code")).Distinct();
        Assert.Equal(Constants(typeof(ErrorCodes)), schema.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ErrorCodes_SayWhatTheyMeanAndWhetherARetryHelps()
    {
        var retryable = EnumOf(Error("retryable_error_code"));
        foreach (var code in new[] { "request_error_code", "run_error_code" }.SelectMany(list => Error(list)["oneOf"]!.AsArray()))
        {
            var (value, description) = ((string)code!["const"]!, (string)code["description"]!);
            Assert.Matches("A retry (helps|may help|does not help)", description);
            Assert.True(
                retryable.Contains(value) != description.Contains("A retry does not help", StringComparison.Ordinal),
                $"{value}: its description and retryable_error_code contradict each other.");
        }
        Assert.Empty(retryable.Except(Constants(typeof(ErrorCodes))));
    }

    [Fact]
    public void ProblemStatuses_AreThoseOfTheDescriptions()
    {
        foreach (var code in Error("request_error_code")["oneOf"]!.AsArray())
        {
            var status = OpenApi.ProblemStatus.Of((string)code!["const"]!);
            Assert.StartsWith($"{status}. ", (string)code["description"]!, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<(string Name, bool IsOptional)> Members(string name)
    {
        var type = _requests.GetValueOrDefault(name) ?? _answers[name];
        return CoreJson.Default.GetTypeInfo(type)!.Properties
            .Where(property => property.Get is not null)
            // Kept with a vote, and taken out where it is shown.
            .Where(property => (type, property.Name) != (typeof(Vote), "subject"))
            .Select(property => (
                property.Name,
                Nullable.GetUnderlyingType(property.PropertyType) is not null
                    || !property.PropertyType.IsValueType && property.IsGetNullable));
    }

    private static JsonNode Schema(string name) => SchemaSet.Api["$defs"]![name] ?? Error(name);

    private static JsonNode Error(string name) => SchemaSet.Errors["$defs"]![name]!;

    private static IEnumerable<string> Codes(string list) => Error(list)["oneOf"]!.AsArray().Select(code => (string)code!["const"]!);

    private static IEnumerable<string> EnumOf(JsonNode schema) =>
        schema["enum"]!.AsArray().Select(value => (string)value!).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Values<T>()
        where T : struct, Enum => Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Constants(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal);
}
