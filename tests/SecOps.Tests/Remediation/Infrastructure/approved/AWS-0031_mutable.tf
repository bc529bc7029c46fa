resource "aws_ecr_repository" "shop" {
  name                 = "shop" # see "teams"
  image_tag_mutability = "IMMUTABLE"
}
