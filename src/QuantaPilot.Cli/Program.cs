using QuantaPilot.Cli.CommandLine;

using var signals = new StopSignals();
return await QpCommandLine.RunAsync(args, CliEnvironment.ForProcess(), signals.Token);
