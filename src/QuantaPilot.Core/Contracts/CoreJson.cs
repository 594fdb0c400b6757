using System.Text.Json.Serialization;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Core.Contracts;

/// <summary>Everything that is written as JSON: over HTTP, in the store and in orchestration histories. Members are snake_case.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunSnapshot))]
[JsonSerializable(typeof(CloudEvent))]
[JsonSerializable(typeof(RunInput))]
[JsonSerializable(typeof(RunOutcome))]
[JsonSerializable(typeof(RunSignal))]
[JsonSerializable(typeof(PrepareRunInput))]
[JsonSerializable(typeof(StepResult<PreparedRun>))]
[JsonSerializable(typeof(ReadPlanInput))]
[JsonSerializable(typeof(StepResult<PlanRead>))]
[JsonSerializable(typeof(WriteDocumentationInput))]
[JsonSerializable(typeof(StepResult<ReviewableWork>))]
[JsonSerializable(typeof(CarryOutTaskInput))]
[JsonSerializable(typeof(StepResult<TaskDone>))]
[JsonSerializable(typeof(OpenMilestoneInput))]
[JsonSerializable(typeof(MergePullRequestInput))]
[JsonSerializable(typeof(StepResult<MergeResult>))]
[JsonSerializable(typeof(TimeOutGateInput))]
[JsonSerializable(typeof(StepResult<GateTimeoutResult>))]
[JsonSerializable(typeof(RecordEventsInput))]
[JsonSerializable(typeof(StepResult<Done>))]
[JsonSerializable(typeof(DeliveryInput))]
[JsonSerializable(typeof(AttemptDeliveryInput))]
[JsonSerializable(typeof(DeliveryAttemptResult))]
[JsonSerializable(typeof(Delivery))]
[JsonSerializable(typeof(RunRequest))]
[JsonSerializable(typeof(RunAccepted))]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ResumeRequest))]
[JsonSerializable(typeof(DecisionRequest))]
[JsonSerializable(typeof(DecisionAnswer))]
[JsonSerializable(typeof(BatchDecisionRequest))]
[JsonSerializable(typeof(BatchDecisionAnswers))]
[JsonSerializable(typeof(RunResource))]
[JsonSerializable(typeof(GateResource))]
[JsonSerializable(typeof(DeliveryResource))]
[JsonSerializable(typeof(ResourcePage<DeliveryResource>))]
[JsonSerializable(typeof(ResourcePage<RunResource>))]
[JsonSerializable(typeof(ResourcePage<GateResource>))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenCreated))]
[JsonSerializable(typeof(TokenResource))]
[JsonSerializable(typeof(ResourcePage<TokenResource>))]
[JsonSerializable(typeof(Subscription))]
[JsonSerializable(typeof(SubscriptionRequest))]
[JsonSerializable(typeof(SubscriptionCreated))]
[JsonSerializable(typeof(SubscriptionResource))]
[JsonSerializable(typeof(ResourcePage<SubscriptionResource>))]
[JsonSerializable(typeof(RotationRequest))]
[JsonSerializable(typeof(SubscriptionRotated))]
[JsonSerializable(typeof(SubscriptionTestResult))]
[JsonSerializable(typeof(WebhookTestEvent))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(ResourcePage<AuditEntry>))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(HealthResource))]
public sealed partial class CoreJson : JsonSerializerContext;
