using System.Reflection;

namespace SecOps;

/// <summary>The program itself.</summary>
public static class Product
{
    /// <summary>The version, without build metadata.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
