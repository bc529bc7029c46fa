using SecOps.Aws.S3;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>Keeps a run in S3, encrypted: findings, verdict, reports and the tools' own reports, under prefix, commit and run.</summary>
internal sealed class S3Publisher(S3Storage storage, string bucket, string prefix, string? kmsKey)
{
    private static readonly string[] Kept = ["findings.json", "gate.json", "reports", "raw"];

    /// <param name="folder">The folder of results.</param>
    /// <returns>How many objects were written, and where.</returns>
    public async Task<(int Count, string Address)> PublishAsync(FindingsDocument document, string folder, CancellationToken cancellation)
    {
        var below = string.Join('/', new[] { prefix.Trim('/'), document.Run.Commit ?? "no-commit", document.Run.Id }.Where(p => p.Length > 0));
        var files = Kept.Select(name => Path.Combine(folder, name)).SelectMany(path => File.Exists(path) ? [path] : Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [])
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.'))).Order(StringComparer.Ordinal).ToList();
        foreach (var file in files)
        {
            await using var content = File.OpenRead(file);
            var key = $"{below}/{Path.GetRelativePath(folder, file).Replace('\\', '/')}";
            await storage.PutAsync(bucket, key, content, ContentType(file), kmsKey, cancellation);
        }

        return (files.Count, $"s3://{bucket}/{below}/");
    }

    private static string ContentType(string file) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".json" => "application/json",
        ".sarif" => "application/sarif+json",
        ".html" => "text/html; charset=utf-8",
        ".md" => "text/markdown; charset=utf-8",
        ".csv" => "text/csv; charset=utf-8",
        ".xml" => "application/xml",
        _ => "application/octet-stream",
    };
}
