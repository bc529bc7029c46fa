using SecOps;

return await Cli.RunAsync(args);
