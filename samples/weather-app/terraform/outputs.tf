output "url" {
  description = "Where the app answers (with a certificate that no browser trusts)."
  value       = "https://${aws_lb.this.dns_name}/"
}

output "image" {
  description = "The digest that the instance runs."
  value       = var.image
}

output "instance" {
  description = "The instance that runs it; another one after each new digest."
  value       = aws_instance.this.id
}
