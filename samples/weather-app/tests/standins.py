"""Stand-ins for the geolocation and the forecast service: real HTTP servers, with faults on demand."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

# In the test container the environment has the keys that the app's container was given; the stand-ins accept no others.
GEO_KEY = os.environ.get("GEO_API_KEY") or "geo-key-of-the-tests"
FORECAST_KEY = os.environ.get("FORECAST_API_KEY") or "forecast-key-of-the-tests"
CITIES = {"oslo": ("Oslo", 59.9139, 10.7522), "são paulo": ("São Paulo", -23.5505, -46.6333)}


class StandIn:
    """A server on a port of its own, with the requests it got. `fault` is called instead of an answer when it is set."""

    def __init__(self, path, key, answer, host="127.0.0.1", port=0):
        self.requests = []
        self.fault = None
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                url = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                standin.requests.append((url.path, query, dict(self.headers)))
                if standin.fault is not None:
                    standin.fault(self)
                elif self.headers.get("Authorization") != f"Bearer {key}":
                    send(self, 401, b'{"error": "unknown key"}')
                elif url.path != path:
                    send(self, 404, b"{}")
                else:
                    send(self, 200, json.dumps(answer(query)).encode())

            def log_message(self, *arguments):
                """Quiet: the tests read `requests`."""

        self.server = ThreadingHTTPServer((host, port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def send(handler, status, body, **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def geolocation(host="127.0.0.1", port=0):
    def answer(query):
        city = CITIES.get(query.get("q", "").lower())
        return [{"name": city[0], "lat": city[1], "lon": city[2]}] if city else []

    return StandIn("/v1/search", GEO_KEY, answer, host, port)


def forecast(host="127.0.0.1", port=0):
    def answer(query):
        # Colder the further from the equator, so that a test sees whether the right place was asked for.
        high = round(30 - abs(float(query["lat"])) / 2, 1)
        return {"days": [{"date": f"2026-11-0{day}", "low": high - 8, "high": high, "rain": 10 * day} for day in (1, 2, 3)]}

    return StandIn("/v1/daily", FORECAST_KEY, answer, host, port)
