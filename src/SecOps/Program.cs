using SecOps;

if (args is ["--version"])
{
    // Asked by scripts and by every installation: answered before the tree of commands is built.
    Console.Out.WriteLine(Product.Version);
    return ExitCode.Clean;
}

return await Cli.RunAsync(args);
