using SecOps.Findings;

namespace SecOps.Benchmarks;

/// <summary>Makes the baseline of a document of the same size, in which every so many findings are other ones.</summary>
internal static class Drift
{
    public static int Run(string source, string target, int percent)
    {
        var document = FindingsReader.Read(source);
        var every = 100 / percent;
        var drifted = document.Findings.Select((f, i) => i % every != 0 ? f : f with { Id = $"f1-{i:x20}", Location = f.Location with { Path = f.Location.Path + ".former", StartLine = f.Location.StartLine + 1 } });
        AtomicFile.Write(target, stream => FindingsWriter.Write(stream, document with { Findings = [.. drifted], Gate = null }));
        return 0;
    }
}
