using System.Text;

namespace SecOps.Commands;

/// <summary>The text of a new <c>secops.yml</c>: what fits the project is set, what could be is there as a comment.</summary>
internal static class ConfigurationTemplate
{
    public static string Write(ProjectFacts project)
    {
        var trivy = project.ForTrivy.Count == 0 ? "" : $"\n  # trivy fits too ({string.Join(", ", project.ForTrivy)}): \"secops tools install trivy\", then name it above.";
        return $"""
            # What secops does here. Every key is optional; "secops init --schema" prints the schema for your editor.
            # Seen when this was written: {project.Describe()}.

            gate:
              failOn: high                 # the lowest severity that fails: critical, high, medium, low, info, unknown
              # categories: {"{secret: low}"}  # stricter for one category: code, dependency, secret, config, web, cloud
              # newOnly: true              # only what the baseline does not know can fail
              # qualityGate: true          # a failed quality gate of SonarQube fails this one too
              # maxDatabaseAge: 7d         # an older vulnerability database makes the run incomplete
              require: [{(project.Python ? "bandit" : "")}]{(project.Python ? "            # must have completed, or the run is incomplete (exit code 3)" : "                  # scanners that must have completed, or the run is incomplete")}{trivy}

            # An accepted risk: with a reason, an owner and an end. "secops report waive ID" adds one.
            # waivers:
            #   - id: f1-0123456789abcdef0123
            #     reason: behind the VPN until the first quarter
            #     owner: platform@example.com
            #     expires: 2027-01-31

            # "secops run" does these in order; a stage without needs follows the one before it.
            run:
              stages:
            {Stages(project)}

            """;
    }

    private static string Stages(ProjectFacts project)
    {
        var stages = new StringBuilder("    - {name: scan, command: scan .}\n");
        if (project.Dockerfiles.Count > 0)
        {
            var dockerfile = project.Dockerfiles[0];
            var context = Path.GetDirectoryName(dockerfile) is { Length: > 0 } folder ? folder.Replace('\\', '/') : ".";
            var file = Path.GetFileName(dockerfile) is var name && name == "Dockerfile" ? "" : $" --file {name}";
            var image = ImageName(project.Folder) + ":dev";
            stages.Append($"    - {{name: build, command: build {context} --tag {image}{file}}}\n");
            stages.Append($"    # - {{name: image, command: scan . --image {image}}}   # needs trivy\n");
            stages.Append("    # - {name: push, command: push REGISTRY/NAME:TAG}\n");
            stages.Append("    # - {name: deploy, command: deploy}\n");
            foreach (var service in project.Dockerfiles.Skip(1).Select(d => Path.GetDirectoryName(d)?.Replace('\\', '/')).Where(d => d is { Length: > 0 } && d != context).Distinct().Take(5))
            {
                stages.Append($"    # {service} has an image of its own: give it its own file with \"secops init {service}\"\n");
            }
        }
        else if (project.Terraform is { } terraform)
        {
            stages.Append($"    # - {{name: deploy, command: deploy terraform {terraform}}}\n");
        }

        return stages.Append("    - {name: report, command: \"report --format html,sarif\", needs: [scan], always: true}   # also when the gate failed").ToString();
    }

    /// <summary>A name that a registry takes: lower case, digits, and single separators.</summary>
    internal static string ImageName(string folder)
    {
        var name = string.Join('-', new string([.. folder.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Split('-', StringSplitOptions.RemoveEmptyEntries));
        return name.Length == 0 ? "app" : name;
    }
}
