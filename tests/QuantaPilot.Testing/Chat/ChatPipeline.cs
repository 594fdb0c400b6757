namespace QuantaPilot.Testing.Chat;

/// <summary>A small project whose documentation and one milestone are written by a model each: endpoints <c>default</c> and <c>code</c>.</summary>
public static class ChatPipeline
{
    public const string Configuration =
        """
        version: 1
        documentation: { agent: architect }
        agents:
          architect: { type: chat, role: documentation }
          coder: { type: chat, endpoint: code, role: task }
        milestones:
          - id: M-001
            title: Greeting
            tasks: [ { agent: coder, prompt: "Write greet.txt, as README.md says." } ]
        """;
}
