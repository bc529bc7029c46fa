locals {
  port = 8000
  # Written by hand before the first apply, so that no key passes through Terraform or its state:
  #   aws ssm put-parameter --type SecureString --name /weather-app/GEO_API_KEY --value ...
  key_parameters = [for name in ["GEO_API_KEY", "FORECAST_API_KEY"] : "/${var.name}/${name}"]
}

data "aws_caller_identity" "this" {}

# The newest Amazon Linux: a newer one replaces the instance too, with the next apply.
data "aws_ssm_parameter" "machine" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

# What the instance may do: read its two keys, nothing else.
data "aws_iam_policy_document" "instance" {
  statement {
    actions   = ["ssm:GetParameter"]
    resources = [for name in local.key_parameters : "arn:aws:ssm:${var.region}:${data.aws_caller_identity.this.account_id}:parameter${name}"]
  }
}

resource "aws_iam_role" "instance" {
  name               = "${var.name}-instance"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "instance" {
  name   = "keys"
  role   = aws_iam_role.instance.id
  policy = data.aws_iam_policy_document.instance.json
}

resource "aws_iam_instance_profile" "this" {
  name = "${var.name}-instance"
  role = aws_iam_role.instance.name
}

resource "aws_instance" "this" {
  ami                    = data.aws_ssm_parameter.machine.insecure_value
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.instance.id]
  iam_instance_profile   = aws_iam_instance_profile.this.name

  # The digest is in here: another digest is another text, and another text another instance.
  user_data_replace_on_change = true
  user_data = templatefile("${path.module}/user-data.sh.tftpl", {
    image        = var.image
    region       = var.region
    parameters   = local.key_parameters
    geo_url      = var.geo_url
    forecast_url = var.forecast_url
    port         = local.port
  })

  metadata_options {
    http_tokens = "required"
    # One hop: a container with a network of its own does not reach the instance's credentials.
    http_put_response_hop_limit = 1
  }

  root_block_device {
    encrypted   = true
    volume_type = "gp3"
  }

  tags = { Name = var.name }

  lifecycle {
    create_before_destroy = true
  }

  # Without its way out the first start finds no registry.
  depends_on = [aws_route_table_association.private, aws_nat_gateway.this, aws_iam_role_policy.instance]
}
