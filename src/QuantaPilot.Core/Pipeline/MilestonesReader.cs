using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Pipeline;

/// <summary>
/// The plan in 30_milestones.md. A milestone is a heading <c>## M-001: Title</c> with a heading <c>### Tasks</c> below it; without
/// any, the document holds no plan, whatever else it says. Where there is one, it is read strictly.
/// </summary>
public static partial class MilestonesReader
{
    /// <summary>Markdown can be written so that parsing takes quadratic time.</summary>
    private const int MaxLength = 128 * 1024;

    private const int MaxMilestones = 100;
    private const int MaxFaults = 20;

    /// <summary>As for quantapilot.yml: the message is kept with the run and its events.</summary>
    private const int MaxMessage = 8_000;

    private static readonly MarkdownPipeline _markdown = new MarkdownPipelineBuilder().UseYamlFrontMatter().Build();

    /// <param name="source">Where the document is, and who can do the work.</param>
    /// <param name="text">The document; null if there is none.</param>
    /// <returns>The milestones that are not done, in order; none if the document holds no plan.</returns>
    /// <exception cref="StepException">configuration_invalid: names line and what is accepted for each fault (at most 20).</exception>
    public static IReadOnlyList<MilestoneDefinition> Read(PlanSource source, string? text)
    {
        // Most documents hold no plan and need not be parsed.
        if (text is null || !TasksHeading().IsMatch(text)) return [];
        if (text.Length > MaxLength)
        {
            throw Invalid(source, [$"the document has {text.Length} characters; at most {MaxLength} are accepted"]);
        }
        var faults = new List<string>();
        var sections = Split(text, faults).ToList();
        if (!sections.Exists(section => section.HasTasks)) return [];

        faults.AddRange(text.Split('\n').Index().Where(line => Redactor.HoldsSecret(line.Item))
            .Select(line => $"line {line.Index + 1}: holds what looks like a secret; credentials belong into the settings of the host"));
        if (sections.Count > MaxMilestones)
        {
            faults.Add($"line {sections[MaxMilestones].Line}: at most {MaxMilestones} milestones are accepted");
        }
        // Branches are named after milestones and after this step.
        var ids = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "documentation" };
        var milestones = sections.Select(section => section.ToMilestone(source, ids, faults)).ToList();
        return faults.Count == 0 ? [.. milestones.OfType<MilestoneDefinition>()] : throw Invalid(source, faults);
    }

    /// <summary>The parts of the document below headings that name a milestone.</summary>
    private static List<MilestoneSection> Split(string text, List<string> faults)
    {
        var sections = new List<MilestoneSection>();
        MilestoneSection? section = null;
        foreach (var block in Parse(text, faults).Where(block => block is not YamlFrontMatterBlock))
        {
            if (block is HeadingBlock { Level: <= 2 } heading)
            {
                section = MilestoneSection.TryBegin(heading, text);
                if (section is not null) sections.Add(section);
            }
            else
            {
                section?.Add(block);
            }
        }
        return sections;
    }

    private static MarkdownDocument Parse(string text, List<string> faults)
    {
        try
        {
            return Markdown.Parse(text, _markdown);
        }
        catch (ArgumentException)
        {
            // Markdig's answer to nesting deeper than its limit.
            faults.Add("line 1: the document is nested too deeply to be read");
            return [];
        }
    }

    private static StepException Invalid(PlanSource source, IReadOnlyList<string> faults)
    {
        var message = Redactor.Redact($"{source.Path}: {string.Join("; ", faults.Take(MaxFaults))}.");
        return new StepException(ErrorCodes.ConfigurationInvalid, message.Length <= MaxMessage ? message : message[..MaxMessage] + "…");
    }

    [GeneratedRegex(@"^ {0,3}###[ \t]+Tasks[ \t#]*\r?$", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex TasksHeading();
}
