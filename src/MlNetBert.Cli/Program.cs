using MlNetBert.Cli.Parsing;

return CommandLine.Run(args);
