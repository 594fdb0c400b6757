using System.CommandLine;
using QuantaPilot.Integrations.Chat;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>The option of <c>serve</c> that names endpoints of models.</summary>
internal sealed class ChatServeOption
{
    private readonly Option<string[]> _chat = new("--chat")
    {
        Description = $"Let chat agents use a model behind an OpenAI-compatible endpoint: {ChatEndpointText.Accepted}. May be repeated; "
            + $"those in {ChatEndpointText.Variable}, separated by blanks, count too. Its key is taken from "
            + $"{ChatEndpointText.KeyVariable("NAME")}.",
        HelpName = "name=url,model=…",
    };

    public void AddTo(Command command) => command.Add(_chat);

    /// <exception cref="UsageException">One is not accepted.</exception>
    public IReadOnlyList<ChatEndpoint> Read(ParseResult parse, Func<string, string?> variable) =>
    [
        .. (parse.GetValue(_chat) ?? []).Select(text => ChatEndpointText.Parse(_chat.Name, text, variable)),
        .. ChatEndpointText.FromEnvironment(variable),
    ];
}
