resource "aws_lb" "web" {
  name     = "web"
  subnets  = [for s in aws_subnet.public : s.id]
  internal = false

  drop_invalid_header_fields = true
}
