"""Weather for a city: a page, the same as JSON, and a health check."""

from flask import Flask, current_app, jsonify, render_template, request

import services
from settings import Settings

LONGEST_CITY = 100


class BadCity(Exception):
    """No city was given, or none that could be one."""


def create_app(settings=None):
    app = Flask(__name__)
    app.config["WEATHER"] = settings or Settings.read()
    app.add_url_rule("/", view_func=page)
    app.add_url_rule("/api/weather", view_func=api)
    app.add_url_rule("/health", view_func=health)
    app.register_error_handler(BadCity, lambda error: answer_error(400, str(error)))
    app.register_error_handler(services.CityNotFound, lambda error: answer_error(404, f"No city is called {error}."))
    app.register_error_handler(services.ServiceError, service_error)
    app.after_request(add_headers)
    app.logger.setLevel("INFO")
    return app


def page():
    weather = look_up() if "city" in request.args else None
    return render_template("index.html", weather=weather, error=None)


def api():
    return jsonify(look_up())


def health():
    """The app alone: a service that is down is no reason to replace the container."""
    return {"status": "ok", "version": settings().version}


def look_up():
    city = request.args.get("city", "").strip()
    if not city or len(city) > LONGEST_CITY or not city.isprintable():
        raise BadCity(f"Give a city of 1 to {LONGEST_CITY} characters.")
    name, latitude, longitude = services.locate(settings(), city)
    days = services.forecast(settings(), latitude, longitude)
    return {"city": name, "latitude": latitude, "longitude": longitude, "days": days}


def settings():
    return current_app.config["WEATHER"]


def service_error(error):
    current_app.logger.error("%s", error)
    return answer_error(502, "The weather cannot be had right now.")


def answer_error(status, message):
    if request.path.startswith("/api/"):
        return {"error": message}, status
    return render_template("index.html", weather=None, error=message), status


def add_headers(response):
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
