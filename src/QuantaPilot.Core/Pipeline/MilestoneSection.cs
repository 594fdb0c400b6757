using System.Text.RegularExpressions;
using Markdig.Syntax;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Pipeline;

/// <summary>What stands below the heading of one milestone in 30_milestones.md.</summary>
internal sealed partial class MilestoneSection
{
    private const int MaxItems = 50;
    private const int MaxTitle = 200;
    private const int MaxPrompt = 8_000;
    private const string Criteria = "criteria";
    private const string Tasks = "tasks";
    private const string Checks = "checks";
    private const string Notes = "notes";

    private readonly string _text;
    private readonly string _id;
    private readonly string _title;
    private readonly List<(int Line, string Text, bool IsDone)> _criteria = [];
    private readonly List<(int Line, string Text)> _tasks = [];
    private readonly List<(int Line, string Text)> _checks = [];
    private readonly List<(int Line, string Name)> _agents = [];
    private readonly List<string> _faults = [];
    private string _part = Criteria;

    private MilestoneSection(int line, string id, string title, string text)
    {
        Line = line;
        _id = id;
        _title = title;
        _text = text;
    }

    public int Line { get; }

    public bool HasTasks { get; private set; }

    /// <summary>Null if the heading names no milestone.</summary>
    public static MilestoneSection? TryBegin(HeadingBlock heading, string text)
    {
        var match = Heading().Match(Words(heading, text));
        return heading.Level == 2 && match.Success
            ? new MilestoneSection(heading.Line + 1, match.Groups["id"].Value, match.Groups["title"].Value, text)
            : null;
    }

    public void Add(Block block)
    {
        if (block is HeadingBlock { Level: 3 } heading) Begin(heading);
        else if (block is ListBlock list) AddItems(list);
        else if (block is ParagraphBlock paragraph) AddAgents(paragraph);
    }

    /// <returns>Null if there are faults, or if the milestone is done: all of its criteria are ticked.</returns>
    public MilestoneDefinition? ToMilestone(PlanSource source, HashSet<string> ids, List<string> faults)
    {
        if (!ids.Add(_id)) Fault(Line, "a milestone's id must be unique and not 'documentation'");
        if (_title.Length > MaxTitle) Fault(Line, $"a title must have at most {MaxTitle} characters");
        if (_tasks.Count == 0) Fault(Line, "a milestone needs a heading '### Tasks' with a list of at least one task below it");
        if (_criteria.Count > MaxItems || _tasks.Count > MaxItems || _checks.Count > MaxItems)
            Fault(Line, $"at most {MaxItems} criteria, tasks and checks each are accepted");
        var agent = FindAgent(source);
        var checks = _checks.Select(ReadCheck).ToList();
        foreach (var (line, _) in _tasks.Where(task => task.Text.Length is 0 or > MaxPrompt))
        {
            Fault(line, $"a task must have 1 to {MaxPrompt} characters");
        }
        faults.AddRange(_faults);
        if (_faults.Count > 0 || (_criteria.Count > 0 && _criteria.TrueForAll(criterion => criterion.IsDone))) return null;
        // What people are shown, in events too; a prompt reaches its agent as it is.
        return new MilestoneDefinition(
            _id,
            Redactor.Redact(_title),
            [.. _criteria.Select(criterion => Redactor.Redact(criterion.Text))],
            [.. _tasks.Select(task => new TaskDefinition(agent, task.Text))],
            checks);
    }

    private void Begin(HeadingBlock heading)
    {
        _part = Words(heading, _text).ToLowerInvariant();
        if (_part == Tasks) HasTasks = true;
        if (_part is Criteria or Tasks or Checks or Notes) return;
        Fault(heading.Line + 1, "below a milestone the headings Criteria, Tasks, Checks and Notes are accepted");
    }

    private void AddItems(ListBlock list)
    {
        if (_part == Notes) return;
        foreach (var item in list.OfType<ListItemBlock>())
        {
            var (line, text) = (item.Line + 1, Prose(item));
            if (_part == Tasks) _tasks.Add((line, text));
            else if (_part == Checks) _checks.Add((line, text));
            // Other lists than of tasks to tick off are for readers.
            else if (TickBox().Match(text) is { Success: true } box)
                _criteria.Add((line, OneLine(box.Groups["text"].Value), box.Groups["tick"].Value != " "));
        }
    }

    private void AddAgents(ParagraphBlock paragraph)
    {
        var lines = Slice(paragraph.Span.Start, paragraph.Span.End).Split('\n');
        foreach (var (index, line) in lines.Index())
        {
            if (AgentLine().Match(line.Trim()) is { Success: true } match)
            {
                _agents.Add((paragraph.Line + index + 1, match.Groups["name"].Value));
            }
        }
    }

    private AgentDefinition FindAgent(PlanSource source)
    {
        var names = source.Agents.Count == 0
            ? "there is none"
            : "there are " + string.Join(", ", source.Agents.Select(agent => agent.Name));
        if (_agents.Count > 1) Fault(_agents[1].Line, "a milestone has one agent");
        if (_agents is [var (line, name), ..])
        {
            if (source.Agents.FirstOrDefault(agent => agent.Name == name) is { } named) return named;
            Fault(line, $"agent must name an agent of quantapilot.yml that takes tasks: {names}, not '{Cut(name)}'");
        }
        else if (source.Agents is not [_])
        {
            Fault(Line, $"the milestone needs a line 'agent: NAME' with an agent of quantapilot.yml that takes tasks: {names}");
        }
        return source.Agents.Count > 0 ? source.Agents[0] : AgentDefinition.Outline;
    }

    private CheckDefinition ReadCheck((int Line, string Text) check)
    {
        var timeout = PipelineReader.DefaultCheckTimeout;
        var match = Command().Match(check.Text);
        if (!match.Success)
        {
            Fault(check.Line, "a check must be one program with its arguments as `code`, then (timeout: 10m) if it needs that");
        }
        else if (match.Groups["command"].Value.IndexOfAny(['"', '\'', '\\', '|', '&', ';', '<', '>', '$']) >= 0)
        {
            Fault(
                check.Line,
                "a check is split at spaces and started without a shell, so quotes and operators have no meaning: put it into a script");
        }
        else if (match.Groups["timeout"] is { Success: true, Value: var given } && !DurationText.TryParse(given, out timeout))
        {
            Fault(check.Line, $"timeout must be {DurationText.Accepted}");
        }
        return new CheckDefinition(match.Groups["command"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries), timeout);
    }

    /// <summary>The source of a list's item without its marker, moved to the left as far as its first line is.</summary>
    private string Prose(ListItemBlock item)
    {
        if (item.Count == 0) return "";
        var indent = item[0].Column;
        var lines = Slice(item[0].Span.Start, item.Span.End).ReplaceLineEndings("\n").Split('\n');
        return string.Join('\n', lines.Select((line, i) => i == 0 ? line : line[LeadingSpaces(line, indent)..])).Trim();
    }

    private static int LeadingSpaces(string line, int most)
    {
        var count = 0;
        while (count < Math.Min(most, line.Length) && line[count] == ' ') count++;
        return count;
    }

    private static string Words(HeadingBlock heading, string text)
    {
        var line = text[heading.Span.Start..Math.Min(heading.Span.End + 1, text.Length)].Split('\n')[0].Trim();
        return heading.IsSetext ? line : line.Trim('#').Trim();
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private string Slice(int start, int end) => _text[start..Math.Min(end + 1, _text.Length)];

    private void Fault(int line, string fault) => _faults.Add($"line {line}: {_id}: {fault}");

    private static string Cut(string name) => name.Length <= 60 ? name : name[..60] + "…";

    /// <summary>An id has a digit, so that headings of plain words are none.</summary>
    [GeneratedRegex(
        @"^(?=[A-Za-z0-9_-]*[0-9])(?<id>[A-Za-z0-9][A-Za-z0-9_-]{0,63})(:|\s+[-–—])?\s+(?<title>\S.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\[(?<tick>[ xX])\]\s+(?<text>\S.*)$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex TickBox();

    [GeneratedRegex(@"^agent:\s*`?(?<name>[^`]*?)`?$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex AgentLine();

    [GeneratedRegex(@"^`(?<command>[^`\n]*[^`\n ][^`\n]*)`(\s*\(timeout:\s*(?<timeout>\S+)\))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Command();
}
