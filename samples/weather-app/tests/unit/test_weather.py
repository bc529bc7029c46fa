"""The app on stand-ins of both services."""

import unittest

from app import create_app
from settings import VERSION, MissingSetting, Settings
from tests import standins


class WeatherTestCase(unittest.TestCase):
    def setUp(self):
        self.geo = standins.geolocation()
        self.addCleanup(self.geo.close)
        self.forecast = standins.forecast()
        self.addCleanup(self.forecast.close)
        self.app = create_app(self.settings())
        self.client = self.app.test_client()

    def settings(self, **changes):
        environment = {
            "GEO_URL": self.geo.url,
            "GEO_API_KEY": standins.GEO_KEY,
            "FORECAST_URL": self.forecast.url + "/",
            "FORECAST_API_KEY": standins.FORECAST_KEY,
        }
        return Settings.read({**environment, **changes})


class Answers(WeatherTestCase):
    def test_the_api_answers_with_the_forecast_of_the_city(self):
        weather = self.client.get("/api/weather", query_string={"city": " oslo "}).get_json()
        self.assertEqual(weather["city"], "Oslo")
        self.assertEqual(weather["days"][0], {"date": "2026-11-01", "low": -8.0, "high": 0.0, "rain": 10.0})
        self.assertEqual(len(weather["days"]), 3)

    def test_any_script_works_and_the_place_found_is_the_place_asked_for(self):
        weather = self.client.get("/api/weather", query_string={"city": "São Paulo"}).get_json()
        self.assertEqual(weather["city"], "São Paulo")
        self.assertEqual(self.geo.requests[0][1]["q"], "São Paulo")
        self.assertEqual(self.forecast.requests[0][1], {"lat": "-23.5505", "lon": "-46.6333"})

    def test_the_page_shows_the_table_and_escapes_what_a_service_sends(self):
        self.geo.fault = lambda handler: standins.send(handler, 200, b'[{"name": "<b>Oslo</b>", "lat": 1, "lon": 2}]')
        page = self.client.get("/", query_string={"city": "oslo"}).get_data(as_text=True)
        self.assertIn("&lt;b&gt;Oslo", page)
        self.assertIn("2026-11-03", page)

    def test_the_page_without_a_city_asks_nobody(self):
        self.assertEqual(self.client.get("/").status_code, 200)
        self.assertEqual(self.geo.requests, [])

    def test_health_tells_the_version_of_the_file_and_asks_nobody(self):
        self.assertEqual(self.client.get("/health").get_json(), {"status": "ok", "version": VERSION.read_text().strip()})
        self.assertEqual(self.geo.requests + self.forecast.requests, [])

    def test_every_answer_carries_security_headers(self):
        for path in ("/", "/health", "/api/weather", "/nowhere"):
            headers = self.client.get(path).headers
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"], path)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff", path)


class Keys(WeatherTestCase):
    def test_each_service_gets_its_own_key_in_a_header_and_never_in_the_address(self):
        self.client.get("/api/weather?city=oslo")
        for standin, key in ((self.geo, standins.GEO_KEY), (self.forecast, standins.FORECAST_KEY)):
            path, query, headers = standin.requests[0]
            self.assertEqual(headers["Authorization"], f"Bearer {key}")
            self.assertNotIn(key, path + str(query))

    def test_no_setting_has_a_default(self):
        for name in ("GEO_URL", "GEO_API_KEY", "FORECAST_URL", "FORECAST_API_KEY"):
            for empty in ("", "  "):
                with self.assertRaisesRegex(MissingSetting, name):
                    self.settings(**{name: empty})

    def test_the_keys_are_not_in_the_settings_text(self):
        self.assertNotIn(standins.GEO_KEY, repr(self.settings()))
        self.assertNotIn(standins.FORECAST_KEY, repr(self.settings()))

    def test_a_refused_key_is_an_error_that_does_not_show_it(self):
        client = create_app(self.settings(GEO_API_KEY="a-wrong-key")).test_client()
        with self.assertLogs("app", level="ERROR") as log:
            answer = client.get("/api/weather?city=oslo")
        self.assertEqual(answer.status_code, 502)
        self.assertIn("geolocation service refuses the key", log.output[0])
        self.assertNotIn("a-wrong-key", log.output[0] + answer.get_data(as_text=True))

    def test_a_redirect_is_not_followed_so_the_key_goes_nowhere_else(self):
        self.geo.fault = lambda handler: standins.send(handler, 302, b"", Location=self.forecast.url + "/stolen")
        with self.assertLogs("app", level="ERROR"):
            self.assertEqual(self.client.get("/api/weather?city=oslo").status_code, 502)
        self.assertEqual(self.forecast.requests, [])


class Faults(WeatherTestCase):
    def test_a_city_that_nobody_knows_is_404(self):
        answer = self.client.get("/api/weather", query_string={"city": "Atlantis"})
        self.assertEqual((answer.status_code, answer.get_json()), (404, {"error": "No city is called Atlantis."}))

    def test_no_city_and_impossible_ones_are_400_and_ask_nobody(self):
        for city in ("", "  ", "x" * 101, "oslo\r\nX-Injected: 1"):
            self.assertEqual(self.client.get("/api/weather", query_string={"city": city}).status_code, 400)
        self.assertEqual(self.geo.requests, [])

    def test_whatever_a_service_does_wrong_is_502(self):
        wrong = [
            (500, b"{}"), (200, b"<html>"), (200, b"{}"), (200, b"[{}]"), (200, b"[7]"), (200, b""), (200, b"\xff"),
            (200, b'[{"name": "x", "lat": NaN, "lon": 1}]'), (200, b" " * ((1 << 20) + 1)),
        ]
        for status, body in wrong:
            self.geo.fault = lambda handler, status=status, body=body: standins.send(handler, status, body)
            with self.subTest(body=body[:20]), self.assertLogs("app", level="ERROR"):
                self.assertEqual(self.client.get("/api/weather?city=oslo").status_code, 502)

    def test_a_forecast_without_its_fields_is_502(self):
        for body in (b"[]", b'{"days": [{"date": "x"}]}', b'{"days": 3}', b"null"):
            self.forecast.fault = lambda handler, body=body: standins.send(handler, 200, body)
            with self.subTest(body=body), self.assertLogs("app", level="ERROR"):
                self.assertEqual(self.client.get("/api/weather?city=oslo").status_code, 502)

    def test_a_service_that_hangs_up_is_502_on_the_page_too(self):
        self.geo.fault = lambda handler: handler.connection.close()
        with self.assertLogs("app", level="ERROR"):
            answer = self.client.get("/?city=oslo")
        self.assertEqual(answer.status_code, 502)
        self.assertIn("cannot be had right now", answer.get_data(as_text=True))

    def test_an_address_that_is_no_web_address_is_502(self):
        client = create_app(self.settings(GEO_URL="file:///etc")).test_client()
        with self.assertLogs("app", level="ERROR"):
            self.assertEqual(client.get("/api/weather?city=oslo").status_code, 502)
