"""Settings of the inventory."""

import os

ADMIN_PASSWORD = "winter-2019"
DATA_DIR = "/tmp/inventory"
PORT = int(os.environ.get("PORT", "5000"))
WEBHOOK_URL = os.environ.get("WEBHOOK_URL", "")
