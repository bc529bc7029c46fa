namespace SecOps.Toolbox;

/// <summary>A tool cannot be had from this source here; another source may have it. Never thrown for content that is not what was pinned.</summary>
internal sealed class SourceUnavailableException(string message) : Exception(message);
