using SecOps.Aws;
using SecOps.Delivery.Diagnose;
using SecOps.Delivery.Protect;

namespace SecOps.Delivery;

/// <summary>A service on Fargate behind a load balancer in the emulator, healthy; each test then breaks one thing.</summary>
internal sealed class Surroundings
{
    private static int count;

    private readonly string id = $"d{System.Environment.ProcessId}-{Interlocked.Increment(ref count)}";

    public Emulator Aws { get; init; } = new();

    /// <summary>What the container runs; null: an image in the emulator's ECR.</summary>
    public string? ContainerImage { get; init; }

    /// <summary>Where the tasks run: public subnets with public addresses, or private ones behind a NAT gateway.</summary>
    public bool Private { get; init; }

    public string AssignPublicIp { get; init; } = "ENABLED";

    public int ContainerPort { get; init; } = 5000;

    public int MappedPort { get; init; } = 5000;

    public int TargetGroupPort { get; init; } = 5000;

    public string Scheme { get; init; } = "internet-facing";

    public bool Listener { get; init; } = true;

    public bool Nat { get; init; } = true;

    public bool LogGroup { get; init; } = true;

    public bool PushImage { get; init; } = true;

    public string Policy { get; init; } = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:*","logs:*"],"Resource":"*"}]}""";

    public string Trusts { get; init; } = "\"ecs-tasks.amazonaws.com\"";

    public string Environment { get; init; } = """[{"name":"DB_PORT","value":"5432"}]""";

    public string HealthCheckPort { get; init; } = "traffic-port";

    public string Matcher { get; init; } = "200";

    public string Cluster => "c-" + id;

    public string Service => "s-" + id;

    public string Vpc { get; private set; } = "";

    public string BalancerGroup { get; private set; } = "";

    public string TaskGroup { get; private set; } = "";

    public List<string> Public { get; } = [];

    public List<string> TaskSubnets { get; } = [];

    public string PublicTable { get; private set; } = "";

    public string PrivateTable { get; private set; } = "";

    public string Balancer { get; private set; } = "";

    public string TargetGroup { get; private set; } = "";

    public string Image => "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-" + id;

    /// <summary>The image's, where it was pushed.</summary>
    public string Digest { get; private set; } = "";

    public string Role { get; private set; } = "";

    public Surroundings Build()
    {
        Vpc = Aws.Ec2("CreateVpc", "vpcId", ("CidrBlock", "10.0.0.0/16"));
        var gateway = Aws.Ec2("CreateInternetGateway", "internetGatewayId");
        Aws.Ec2("AttachInternetGateway", "", ("InternetGatewayId", gateway), ("VpcId", Vpc));
        PublicTable = Aws.Ec2("CreateRouteTable", "routeTableId", ("VpcId", Vpc));
        Aws.Ec2("CreateRoute", "", ("RouteTableId", PublicTable), ("DestinationCidrBlock", "0.0.0.0/0"), ("GatewayId", gateway));
        for (var i = 0; i < 2; i++)
        {
            Public.Add(Subnet($"10.0.{i}.0/24", "us-east-1" + (char)('a' + i), PublicTable));
        }

        TaskSubnets.AddRange(Public);
        if (Private)
        {
            PrivateTable = Aws.Ec2("CreateRouteTable", "routeTableId", ("VpcId", Vpc));
            TaskSubnets.Clear();
            TaskSubnets.AddRange([Subnet("10.0.10.0/24", "us-east-1a", PrivateTable), Subnet("10.0.11.0/24", "us-east-1b", PrivateTable)]);
            if (Nat)
            {
                var nat = Aws.Ec2("CreateNatGateway", "natGatewayId", ("SubnetId", Public[0]), ("ConnectivityType", "private"));
                Aws.Ec2("CreateRoute", "", ("RouteTableId", PrivateTable), ("DestinationCidrBlock", "0.0.0.0/0"), ("NatGatewayId", nat));
            }
        }

        BalancerGroup = Group("lb");
        LetIn(BalancerGroup, 80);
        TaskGroup = Group("task");
        Aws.Ec2("AuthorizeSecurityGroupIngress", "", ("GroupId", TaskGroup), ("IpPermissions.1.IpProtocol", "tcp"), ("IpPermissions.1.FromPort", "5000"), ("IpPermissions.1.ToPort", "5000"), ("IpPermissions.1.Groups.1.GroupId", BalancerGroup));
        Balancer = Aws.Elb("CreateLoadBalancer", "LoadBalancerArn", ("Name", "lb-" + id), ("Scheme", Scheme), ("Subnets.member.1", Public[0]), ("Subnets.member.2", Public[1]), ("SecurityGroups.member.1", BalancerGroup));
        TargetGroup = Aws.Elb("CreateTargetGroup", "TargetGroupArn", ("Name", "tg-" + id), ("Protocol", "HTTP"), ("Port", $"{TargetGroupPort}"), ("VpcId", Vpc), ("TargetType", "ip"), ("HealthCheckPort", HealthCheckPort), ("HealthCheckPath", "/"), ("Matcher.HttpCode", Matcher));
        if (Listener)
        {
            Aws.Elb("CreateListener", "ListenerArn", ("LoadBalancerArn", Balancer), ("Protocol", "HTTP"), ("Port", "80"), ("DefaultActions.member.1.Type", "forward"), ("DefaultActions.member.1.TargetGroupArn", TargetGroup));
        }

        BuildService();
        return this;
    }

    private void BuildService()
    {
        Role = Aws.Iam("CreateRole", "Arn", ("RoleName", "r-" + id), ("AssumeRolePolicyDocument", $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":{{Trusts}}},"Action":["sts:AssumeRole"]}]}"""));
        Aws.Iam("PutRolePolicy", "", ("RoleName", "r-" + id), ("PolicyName", "p"), ("PolicyDocument", Policy));
        if (LogGroup)
        {
            Aws.Json("logs", "Logs_20140328.CreateLogGroup", $$"""{"logGroupName":"/ecs/{{id}}"}""");
        }

        if (ContainerImage is null)
        {
            Aws.Ecr("CreateRepository", $$"""{"repositoryName":"shop-{{id}}"}""");
        }

        if (ContainerImage is null && PushImage)
        {
            Digest = (string)Aws.Ecr("PutImage", $$"""{"repositoryName":"shop-{{id}}","imageTag":"1","imageManifest":"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":{\"digest\":\"sha256:{{new string('a', 64)}}\",\"size\":1},\"layers\":[],\"x\":\"{{id}}\"}"}""")["image"]!["imageId"]!["imageDigest"]!;
        }

        Aws.Ecs("CreateCluster", $$"""{"clusterName":"{{Cluster}}"}""");
        var definition = Aws.Ecs("RegisterTaskDefinition", $$"""
            {"family":"f-{{id}}","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512","executionRoleArn":"{{Role}}",
             "containerDefinitions":[{"name":"web","image":"{{ContainerImage ?? Image + ":1"}}","essential":true,"memory":256,"portMappings":[{"containerPort":{{MappedPort}},"protocol":"tcp"}],"environment":{{Environment}},
              "logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/ecs/{{id}}","awslogs-region":"us-east-1","awslogs-stream-prefix":"web"} } }]}
            """);
        var subnets = string.Join(',', TaskSubnets.Select(s => $"\"{s}\""));
        Aws.Ecs("CreateService", $$"""
            {"cluster":"{{Cluster}}","serviceName":"{{Service}}","taskDefinition":"{{definition["taskDefinition"]!["taskDefinitionArn"]}}","desiredCount":2,"launchType":"FARGATE",
             "loadBalancers":[{"targetGroupArn":"{{TargetGroup}}","containerName":"web","containerPort":{{ContainerPort}} }],
             "networkConfiguration":{"awsvpcConfiguration":{"subnets":[{{subnets}}],"securityGroups":["{{TaskGroup}}"],"assignPublicIp":"{{AssignPublicIp}}"} } }
            """);
    }

    public string Group(string name) => Aws.Ec2("CreateSecurityGroup", "groupId", ("GroupName", name + id), ("GroupDescription", name), ("VpcId", Vpc));

    public void LetIn(string group, int port, string range = "0.0.0.0/0") => Rule("AuthorizeSecurityGroupIngress", group, "tcp", port, range);

    public void Rule(string action, string group, string protocol, int port, string range) =>
        Aws.Ec2(action, "", ("GroupId", group), ("IpPermissions.1.IpProtocol", protocol), ("IpPermissions.1.FromPort", $"{port}"), ("IpPermissions.1.ToPort", $"{port}"), ("IpPermissions.1.IpRanges.1.CidrIp", range));

    public void Endpoint(string service, string type, string? group = null)
    {
        var more = type == "Gateway"
            ? new[] { ("RouteTableId.1", PrivateTable) }
            : [("SubnetId.1", TaskSubnets[0]), ("SecurityGroupId.1", group!), ("PrivateDnsEnabled", "true")];
        Aws.Ec2("CreateVpcEndpoint", "vpcEndpointId", [("VpcId", Vpc), ("ServiceName", "com.amazonaws.us-east-1." + service), ("VpcEndpointType", type), .. more]);
    }

    public async Task<IReadOnlyList<DiagnoseCheck>> DiagnoseAsync(string client = "0.0.0.0/0")
    {
        using var aws = TestAws.Moto();
        return await new DiagnoseOperation(aws, AddressRange.Parse(client)!.Value).RunAsync(Cluster, Service, default);
    }

    private string Subnet(string range, string zone, string table)
    {
        var subnet = Aws.Ec2("CreateSubnet", "subnetId", ("VpcId", Vpc), ("CidrBlock", range), ("AvailabilityZone", zone));
        Aws.Ec2("AssociateRouteTable", "", ("RouteTableId", table), ("SubnetId", subnet));
        return subnet;
    }
}
