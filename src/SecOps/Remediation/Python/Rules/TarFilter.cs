namespace SecOps.Remediation.Python.Rules;

/// <summary>B202: an archive whose entries may land anywhere.</summary>
internal sealed class TarFilter() : PythonRule("B202")
{
    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        if (fix.FindCall(c => c.Function == "extractall") is not { } call)
        {
            return "no call of extractall stands there";
        }

        if (call.HasSpread || call.Keyword("filter") is not null || call.Keyword("pwd") is not null)
        {
            return "its arguments decide what is extracted";
        }

        var scope = source.Scope(source.StatementAt(call.First)!);
        var fromZip = source.Calls.Any(c => c.First >= scope[0].First && c.Close <= scope[^1].Last && fix.Qualified(c) is "zipfile.ZipFile" or "py7zr.SevenZipFile" or "rarfile.RarFile");
        if (fromZip)
        {
            return "the archive is no tar archive";
        }

        fix.SetKeyword(call, "filter", "\"data\"");
        fix.Summary = "Extract only entries that stay inside the folder";
        fix.Risk = "Needs Python 3.12, or a release since June 2023 of an older one; links and devices that lead out are refused.";
        return null;
    }
}
