"""The app in its container, asked over the network. Runs in the test container, which plays both services on ports 8081 and 8082."""

import http.client
import json
import os
import time
import unittest
from urllib.parse import quote, urlsplit

from tests import standins

APP_URL = os.environ.get("APP_URL", "")


@unittest.skipUnless(APP_URL, "APP_URL is not set: this runs in the test container")
class Container(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # An empty host is every interface: the app asks from another container.
        cls.geo = standins.geolocation(host="", port=8081)
        cls.forecast = standins.forecast(host="", port=8082)
        cls.addClassCleanup(cls.geo.close)
        cls.addClassCleanup(cls.forecast.close)
        deadline = time.monotonic() + 30
        while True:
            try:
                if get("/health")[0] == 200:
                    return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise AssertionError(f"{APP_URL} does not answer within 30 s")
            time.sleep(0.2)

    def test_it_answers_with_the_weather_of_a_city(self):
        status, _, body = get("/api/weather?city=Oslo")
        self.assertEqual(status, 200, body)
        weather = json.loads(body)
        self.assertEqual(weather["city"], "Oslo")
        self.assertEqual([day["rain"] for day in weather["days"]], [10, 20, 30])

    def test_the_page_shows_it_too(self):
        status, headers, body = get("/?city=" + quote("São Paulo"))
        self.assertEqual(status, 200)
        self.assertIn("São Paulo", body)
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    def test_the_keys_of_its_environment_reach_the_services_and_nobody_else(self):
        body = get("/api/weather?city=Oslo")[2]
        for standin, key in ((self.geo, standins.GEO_KEY), (self.forecast, standins.FORECAST_KEY)):
            self.assertEqual(standin.requests[-1][2]["Authorization"], f"Bearer {key}")
            self.assertNotIn(key, body)

    def test_a_city_that_nobody_knows_is_404(self):
        self.assertEqual(get("/api/weather?city=Atlantis")[0], 404)

    def test_a_service_that_fails_is_502_and_the_app_stays_healthy(self):
        self.forecast.fault = lambda handler: standins.send(handler, 503, b"{}")
        try:
            self.assertEqual(get("/api/weather?city=Oslo")[0], 502)
        finally:
            self.forecast.fault = None
        self.assertEqual(get("/health")[0], 200)
        self.assertEqual(get("/api/weather?city=Oslo")[0], 200)


def get(path):
    url = urlsplit(APP_URL)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()
