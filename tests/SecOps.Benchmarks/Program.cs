using SecOps.Benchmarks;

return args switch
{
    ["tokens", .. var files] => Tokens.Run(files),
    ["stages", var tool, var report, var baseline] => Stages.Run(tool, report, baseline),
    ["drift", var source, var target, var percent] => Drift.Run(source, target, int.Parse(percent, System.Globalization.CultureInfo.InvariantCulture)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: tokens FILE... | stages TOOL REPORT BASELINE | drift FINDINGS BASELINE PERCENT");
    return 2;
}
