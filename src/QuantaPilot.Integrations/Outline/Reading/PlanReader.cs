using QuantaPilot.Core.Pipeline;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>The milestones that quantapilot.yml plans: unlike the entries of a road map, a person has decided on them.</summary>
internal sealed class PlanReader : IFileReader
{
    public bool Reads(TreeFile file) => file.Path == PipelineReader.DefaultPath;

    public void Read(TreeFile file, string text, Findings findings)
    {
        foreach (var milestone in Formats.Yaml(text).Child("milestones").Items())
        {
            if (milestone.Text("id") is not { } id) continue;
            Findings.Add(
                findings.Milestones, new($"{id} {milestone.Text("title")}", Milestone.Planned, new(file.Path, (int)milestone.Start.Line)));
        }
    }
}
