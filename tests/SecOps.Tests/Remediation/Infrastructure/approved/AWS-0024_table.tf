resource "aws_dynamodb_table" "locks" {
  name     = "locks"
  hash_key = "LockID"

  attribute {
    name = "LockID"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}
