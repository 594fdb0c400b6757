using System.Text.RegularExpressions;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Pipeline;

/// <summary>quantapilot.yml: text to <see cref="PipelineDefinition"/>, with defaults, or every fault with its place.</summary>
public static partial class PipelineReader
{
    public const string DefaultPath = "quantapilot.yml";

    /// <summary>In characters. Larger than any sensible plan; bounds what the parser has to take.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>What a person can use; without a bound the paths of many faults could add up to more than memory holds.</summary>
    public const int MaxCheckFaults = 1_000;

    private const int MaxMilestones = 100;
    private const int MaxTasks = 50;
    private const int MaxArguments = 100;
    private const int MaxFaults = 20;

    /// <summary>Names come from the file, and each fault may repeat some: the message is kept with the run and its events.</summary>
    private const int MaxMessage = 8_000;
    private const long MaxTokens = 1_000_000_000_000;
    private const decimal MaxUsd = 1_000_000;
    private const int MaxRetries = 20;
    private static readonly TimeSpan DefaultAgentTimeout = TimeSpan.FromMinutes(20);
    private static readonly string[] _agentTypes =
        [AgentDefinition.OutlineType, AgentDefinition.CommandType, AgentDefinition.HttpType, AgentDefinition.ChatType];

    internal static readonly TimeSpan DefaultCheckTimeout = TimeSpan.FromMinutes(10);

    /// <param name="path">The file's path, for messages.</param>
    /// <param name="text">The file.</param>
    /// <exception cref="StepException">configuration_invalid: names line, path and what is accepted for each fault (at most
    /// 20).</exception>
    public static PipelineDefinition Read(string path, string text)
    {
        var (pipeline, faults) = Check(text, MaxFaults);
        return pipeline ?? throw Invalid(path, faults);
    }

    /// <summary>Reads the file as a run does, and gives its faults as values.</summary>
    /// <param name="text">The file.</param>
    /// <param name="mostFaults">How many faults are noted at most.</param>
    public static PipelineReading Check(string text, int mostFaults = MaxCheckFaults)
    {
        if (text.Length > MaxLength)
            return new(null, [new(1, 1, "", $"the file has more than {MaxLength} characters, which is the most that is accepted")]);
        if (FindSecrets(text, mostFaults) is { Count: > 0 } secrets) return new(null, secrets);
        var root = YamlFields.Parse(text, mostFaults);
        if (root.Faults.Count > 0) return new(null, root.Faults);

        root.RequiredText("version", "1", value => value == "1");
        var agents = ReadAgents(root);
        var documentation = ReadDocumentation(root.Map("documentation"), agents);
        var milestones = ReadMilestones(root, agents);
        var gates = root.Map("gates");
        var defaults = PipelineDefinition.Default;
        var pipeline = new PipelineDefinition(
            documentation,
            milestones,
            ReadGate(gates.Map(Gate.Anchor), defaults.Anchor),
            ReadGate(gates.Map("milestone"), defaults.Milestone),
            ReadGate(gates.Map(Gate.FirstMerge), defaults.FirstMerge, mayRework: false),
            root.Choice("merge", defaults.Merge))
        {
            Limits = root.Has("limits") ? ReadLimits(root.Map("limits")) : null,
            PlanSource = milestones.Count == 0 ? PlanSource.Of(documentation, agents.Values) : null,
        };
        gates.RefuseOthers();
        root.RefuseOthers();
        return new(root.Faults.Count == 0 ? pipeline : null, root.Faults);
    }

    /// <summary>Before anything of the file is repeated in a message, or kept in the history of the run.</summary>
    private static List<PipelineFault> FindSecrets(string text, int mostFaults) =>
        [.. text.Split('\n').Index().Where(line => Redactor.HoldsSecret(line.Item))
            .Select(line => new PipelineFault(
                line.Index + 1, 1, "", "holds what looks like a secret; credentials belong into the settings of the host"))
            .Take(mostFaults)];

    private static Dictionary<string, AgentDefinition> ReadAgents(YamlFields root)
    {
        var agents = new Dictionary<string, AgentDefinition> { [AgentDefinition.OutlineType] = AgentDefinition.Outline };
        foreach (var (name, fields) in root.Named("agents"))
        {
            agents[name] = ReadAgent(name, fields);
        }
        return agents;
    }

    private static AgentDefinition ReadAgent(string name, YamlFields fields)
    {
        var type = fields.RequiredText("type", "one of " + string.Join(", ", _agentTypes), _agentTypes.Contains);
        var (isCommand, isHttp, isChat) =
            (type == AgentDefinition.CommandType, type == AgentDefinition.HttpType, type == AgentDefinition.ChatType);
        var run = fields.Texts("run", MaxArguments);
        var timeout = fields.Duration("timeout", isHttp ? AgentDefinition.DefaultHttpTimeout : DefaultAgentTimeout);
        var endpoint = fields.Text("endpoint", "", "the name of an endpoint in the host's settings", Id().IsMatch);
        var role = fields.Text("role", "", "documentation or task", value => value is "documentation" or "task");
        if (isCommand && run.Count == 0) fields.Missing("run", "a list of program and arguments");
        if (isHttp && !fields.Has("endpoint")) fields.Missing("endpoint", "the name of an endpoint in the host's settings");
        if (type.Length > 0)
        {
            if (!isCommand) fields.Refuse("run", "goes with type: command only");
            if (!isHttp && !isChat) fields.Refuse("endpoint", "goes with type: http and chat only");
            if (!isChat) fields.Refuse("role", "goes with type: chat only");
            if (type == AgentDefinition.OutlineType) fields.Refuse("timeout", "does not go with type: outline");
        }
        fields.RefuseOthers();
        return new AgentDefinition(name, type, isCommand ? run : null, type == AgentDefinition.OutlineType ? null : timeout)
        {
            Endpoint = endpoint.Length > 0 ? endpoint : null,
            Role = role.Length > 0 ? role : null,
        };
    }

    private static DocumentationDefinition ReadDocumentation(YamlFields fields, Dictionary<string, AgentDefinition> agents)
    {
        var defaults = PipelineDefinition.Default.Documentation;
        var writers = agents.Where(a => a.Value.Role is null or "documentation").ToDictionary();
        var agent = fields.Text("agent", defaults.Agent.Name, OneOf(writers), writers.ContainsKey);
        var path = fields.Text("path", defaults.Path, "a folder relative to the root, without '..'", IsFolder);
        fields.RefuseOthers();
        return new DocumentationDefinition(agents[agent], path.TrimEnd('/'));
    }

    private static List<MilestoneDefinition> ReadMilestones(YamlFields root, Dictionary<string, AgentDefinition> agents)
    {
        var milestones = new List<MilestoneDefinition>();
        // Branches are named after milestones and after this step.
        var ids = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "documentation" };
        foreach (var fields in root.Items("milestones", MaxMilestones))
        {
            var id = fields.RequiredText(
                "id", "1 to 64 letters, digits, '-' or '_', unique, not 'documentation'", value => Id().IsMatch(value) && ids.Add(value));
            var title = fields.RequiredText("title", "one line of at most 200 characters", IsLine);
            var criteria = fields.Texts("criteria", MaxTasks);
            var tasks = fields.Items("tasks", MaxTasks).Select(task => ReadTask(task, agents)).ToList();
            if (tasks.Count == 0) fields.Missing("tasks", "a list with at least one task");
            var checks = fields.Items("checks", MaxTasks).Select(ReadCheck).ToList();
            fields.RefuseOthers();
            // What people are shown, in events too; a prompt reaches its agent as it is.
            milestones.Add(new MilestoneDefinition(id, Redactor.Redact(title), [.. criteria.Select(Redactor.Redact)], tasks, checks));
        }
        return milestones;
    }

    private static TaskDefinition ReadTask(YamlFields fields, Dictionary<string, AgentDefinition> agents)
    {
        var workers = agents.Where(agent => agent.Value.TakesTasks).ToDictionary();
        var agent = fields.RequiredText("agent", OneOf(workers), workers.ContainsKey);
        var prompt = fields.RequiredText("prompt", "a text of at most 8,000 characters", value => value.Trim().Length is > 0 and <= 8000);
        fields.RefuseOthers();
        return new TaskDefinition(workers.GetValueOrDefault(agent, AgentDefinition.Outline), prompt);
    }

    private static CheckDefinition ReadCheck(YamlFields fields)
    {
        var run = fields.Texts("run", MaxArguments);
        if (run.Count == 0) fields.Missing("run", "a list of program and arguments");
        var check = new CheckDefinition(run, fields.Duration("timeout", DefaultCheckTimeout));
        fields.RefuseOthers();
        return check;
    }

    private static GateDefinition ReadGate(YamlFields fields, GateDefinition defaults, bool mayRework = true)
    {
        var gate = new GateDefinition(
            fields.Flag("required", defaults.Required),
            fields.Number("approvals", defaults.Approvals, 1, 20),
            fields.Duration("timeout", defaults.Timeout),
            fields.Choice("on_timeout", defaults.OnTimeout),
            fields.Flag("self_approval", defaults.SelfApproval));
        if (fields.Has("remind")) gate = gate with { Remind = ReadReminder(fields, gate.Timeout) };
        if (mayRework) gate = gate with { OnReject = fields.Choice("on_reject", defaults.OnReject) };
        fields.RefuseOthers();
        return gate;
    }

    private static LimitsDefinition ReadLimits(YamlFields fields)
    {
        var limits = new LimitsDefinition(
            fields.Has("tokens") ? fields.Whole("tokens", 1, MaxTokens) : null,
            fields.Has("usd") ? fields.Amount("usd", MaxUsd) : null,
            fields.Has("duration") ? fields.Duration("duration", TimeSpan.FromDays(1)) : null,
            fields.Number("retries", LimitsDefinition.DefaultRetries, 0, MaxRetries));
        fields.RefuseOthers();
        return limits;
    }

    private static TimeSpan ReadReminder(YamlFields fields, TimeSpan timeout)
    {
        // What stands in for a duration that was refused already is not refused once more.
        var remind = fields.Duration("remind", timeout / 2);
        if (remind < timeout && remind >= timeout / GateDefinition.MaxReminders) return remind;
        fields.Refuse(
            "remind",
            $"must be shorter than the time-out, which is {DurationText.Format(timeout)}, and not so short that there are more than "
            + $"{GateDefinition.MaxReminders} reminders");
        return remind;
    }

    private static bool IsLine(string value) => value.Trim().Length is > 0 and <= 200 && !value.Any(char.IsControl);

    private static bool IsFolder(string value) =>
        value.Length is > 0 and <= 200 && Folder().IsMatch(value)
        && !value.Split('/').Any(part => part is "." or ".." || part.Equals(".git", StringComparison.OrdinalIgnoreCase));

    private static string OneOf(Dictionary<string, AgentDefinition> agents) => agents.Count == 0
        ? "the name of an agent of type command, http or chat under agents"
        : "one of " + string.Join(", ", agents.Keys.Order(StringComparer.Ordinal));

    private static StepException Invalid(string path, IReadOnlyList<PipelineFault> faults)
    {
        var message = Redactor.Redact($"{path}: {string.Join("; ", faults)}.");
        return new StepException(ErrorCodes.ConfigurationInvalid, message.Length <= MaxMessage ? message : message[..MaxMessage] + "…");
    }

    // \z: a $ would let a line feed at the end pass.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();

    [GeneratedRegex(@"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*/?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Folder();
}
