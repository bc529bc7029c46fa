"""Settings of the weather app, all from the environment. Keys have no default: without them the app does not start."""

import os
from dataclasses import dataclass, field
from pathlib import Path

VERSION = Path(__file__).with_name("VERSION")


class MissingSetting(Exception):
    """A variable that the app cannot do without is absent or empty."""


@dataclass(frozen=True)
class Settings:
    geo_url: str
    geo_api_key: str = field(repr=False)
    forecast_url: str
    forecast_api_key: str = field(repr=False)
    version: str

    @staticmethod
    def read(environment=os.environ):
        def required(name):
            value = environment.get(name, "").strip()
            if not value:
                raise MissingSetting(f"{name} is not set. The app needs it; see README.md.")
            return value

        return Settings(
            geo_url=required("GEO_URL").rstrip("/"),
            geo_api_key=required("GEO_API_KEY"),
            forecast_url=required("FORECAST_URL").rstrip("/"),
            forecast_api_key=required("FORECAST_API_KEY"),
            version=VERSION.read_text().strip(),
        )
