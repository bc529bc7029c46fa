"""The two services behind the app: where a city is, and what the weather will be there."""

import http.client
import json
import math
from urllib.parse import urlencode, urlsplit

TIMEOUT = 5
LARGEST_ANSWER = 1 << 20


class ServiceError(Exception):
    """A service did not answer, or not with what it should."""


class CityNotFound(Exception):
    """The geolocation service knows no such city."""


def locate(settings, city):
    """(name, latitude, longitude) of the best match."""
    answer = ask("geolocation", settings.geo_url, "/v1/search", {"q": city, "limit": 1}, settings.geo_api_key)
    if not isinstance(answer, list):
        raise ServiceError("the geolocation service answered something else than a list")
    if not answer:
        raise CityNotFound(city)
    try:
        place = answer[0]
        return str(place["name"]), number(place["lat"]), number(place["lon"])
    except (KeyError, TypeError, ValueError) as error:
        raise ServiceError("the geolocation service left out name, lat or lon") from error


def forecast(settings, latitude, longitude):
    """A list of {"date", "low", "high", "rain"}: degrees Celsius, probability of rain in percent."""
    query = {"lat": f"{latitude:.4f}", "lon": f"{longitude:.4f}"}
    answer = ask("forecast", settings.forecast_url, "/v1/daily", query, settings.forecast_api_key)
    try:
        return [
            {"date": str(day["date"]), "low": number(day["low"]), "high": number(day["high"]), "rain": number(day["rain"])}
            for day in answer["days"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ServiceError("the forecast service left out days, date, low, high or rain") from error


def ask(name, base_url, path, query, key):
    """One GET, parsed. The key goes into a header, since URLs end up in logs; a redirect is not followed, or it would take the key along."""
    url = urlsplit(base_url)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ServiceError(f"the address of the {name} service is not a web address")
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname, url.port, timeout=TIMEOUT)
    try:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        connection.request("GET", f"{url.path}{path}?{urlencode(query)}", headers=headers)
        response = connection.getresponse()
        body = response.read(LARGEST_ANSWER + 1)
    except (OSError, http.client.HTTPException) as error:
        raise ServiceError(f"the {name} service does not answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if response.status in (401, 403):
        raise ServiceError(f"the {name} service refuses the key")
    if response.status != 200:
        raise ServiceError(f"the {name} service answered {response.status}")
    if len(body) > LARGEST_ANSWER:
        raise ServiceError(f"the {name} service answered more than {LARGEST_ANSWER} bytes")
    try:
        return json.loads(body)
    except ValueError as error:
        raise ServiceError(f"the {name} service answered something else than JSON") from error


def number(value):
    """A finite number; JSON readers let NaN and Infinity through."""
    result = float(value)
    if not math.isfinite(result):
        raise ValueError(value)
    return result
