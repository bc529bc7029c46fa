resource "aws_instance" "web" {
  ami           = data.aws_ami.linux.id
  instance_type = "t3.micro"
  user_data     = <<-EOT
    #!/bin/sh
    metadata_options {
  EOT

  metadata_options {
    http_tokens = "required"
  }
}
