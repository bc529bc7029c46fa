"""Run with: python3 -m unittest (in the folder of the app)."""

import os

# Once the password no longer stands in the code it comes from here.
os.environ.setdefault("ADMIN_PASSWORD", "only-for-these-tests")
