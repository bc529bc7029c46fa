variable "name" {
  description = "Names everything, and is the Project tag that the deployer's policy asks for."
  type        = string
  default     = "weather-app"
}

variable "region" {
  description = "AWS region, e.g. eu-central-1."
  type        = string
}

variable "image" {
  description = "The image by digest, e.g. docker.io/example/weather@sha256:... A new digest replaces the instance."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$", var.image))
    error_message = "The image must be a repository with a digest (name@sha256:...): a tag can come to mean another image."
  }
}

variable "geo_url" {
  description = "Address of the geolocation service."
  type        = string

  validation {
    condition     = can(regex("^https://[A-Za-z0-9._:/-]+$", var.geo_url))
    error_message = "The address must start with https:// and hold letters, digits and . _ : / - alone."
  }
}

variable "forecast_url" {
  description = "Address of the forecast service."
  type        = string

  validation {
    condition     = can(regex("^https://[A-Za-z0-9._:/-]+$", var.forecast_url))
    error_message = "The address must start with https:// and hold letters, digits and . _ : / - alone."
  }
}

variable "client_cidr" {
  description = "Who may reach the load balancer."
  type        = string
  default     = "0.0.0.0/0"
}

variable "certificate_hours" {
  description = "How long the self-signed certificate holds; an apply in its last month renews it."
  type        = number
  default     = 8760
}
