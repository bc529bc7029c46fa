using SecOps.Findings;
using SecOps.Scanners;
using SecOps.Testing;

namespace SecOps.Reports;

/// <summary>A findings document for each real report that a reader of ours takes; grows with the readers. Empty without the corpus.</summary>
internal static class CorpusDocuments
{
    private const long LargestFile = 20_000_000;

    public static IEnumerable<(FindingsDocument Document, string File)> All()
    {
        if (Parts.Corpus is null)
        {
            yield break;
        }

        foreach (var row in File.ReadLines(Path.Combine(Parts.Corpus, "manifest.tsv")).Skip(1).Select(l => l.Split('\t')).Where(r => r[2] == "ok"))
        {
            var file = Path.Combine(Parts.Corpus, row[0]);
            if (!File.Exists(file) || new FileInfo(file).Length > LargestFile)
            {
                continue;
            }

            foreach (var reader in ScannerList.Readers.Where(r => r.Name == row[1] || r.Name == row[1].Replace('_', '-') || row[1] == "aws"))
            {
                if (Read(reader, file) is { } document)
                {
                    yield return (document, row[0]);
                }
            }
        }
    }

    private static FindingsDocument? Read(IReportReader reader, string file)
    {
        try
        {
            var outcome = ScannerRun.Import(new ImportJob(reader, file), "/repository");
            var findings = Identity.Assign(outcome.Findings);
            return new FindingsDocument { Run = ReportDocuments.Full.Run, Coverage = [outcome.Coverage], Findings = findings };
        }
        catch (SecOpsException)
        {
            // Another tool's report beside it; the readers' own tests say which must be read.
            return null;
        }
    }
}
