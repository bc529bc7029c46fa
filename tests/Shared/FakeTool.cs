namespace SecOps.Testing;

/// <summary>The executable that misbehaves on demand; its deeds are listed in tests/SecOps.FakeTool/Program.cs.</summary>
public static class FakeTool
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "fake-tool.exe" : "fake-tool");
}
