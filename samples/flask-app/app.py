"""Inventory of a small office. VULNERABLE ON PURPOSE, see README.md."""

import os
from contextlib import closing

from flask import (
    Flask,
    abort,
    make_response,
    redirect,
    render_template,
    request,
)
from markupsafe import Markup

import catalog
import db
import tools

app = Flask(__name__)
app.config.from_object("config")


def open_database():
    return closing(db.connect(database_path()))


def database_path():
    return os.path.join(app.config["DATA_DIR"], "inventory.db")


def require_admin():
    if request.form.get("password") != app.config["ADMIN_PASSWORD"]:
        abort(403)


@app.route("/")
def index():
    category = request.args.get("category")
    order = request.args.get("order", "name")
    with open_database() as connection:
        if category:
            items = db.items_in_category(connection, category)
        else:
            items = db.list_items(connection, order)
    page = render_template("index.html", items=items)
    response = make_response(page)
    response.set_etag(catalog.page_tag(page))
    return response.make_conditional(request)


@app.route("/search")
def search():
    term = request.args.get("q", "")
    with open_database() as connection:
        items = db.search_items(connection, term)
    heading = Markup(f"Results for <em>{term}</em>")
    return render_template("search.html", items=items, heading=heading)


@app.route("/tools")
def tools_page():
    host = request.args.get("host", "")
    addresses = tools.lookup(host) if host else ""
    return render_template("tools.html", host=host, addresses=addresses)


@app.route("/label/<int:item_id>")
def label(item_id):
    with open_database() as connection:
        item = db.get_item(connection, item_id)
    if item is None:
        abort(404)
    return catalog.render_label(item)


@app.route("/lend/<int:item_id>", methods=["POST"])
def lend(item_id):
    code = catalog.pickup_code()
    with open_database() as connection:
        if db.get_item(connection, item_id) is None:
            abort(404)
        db.lend_item(connection, item_id, code)
    return render_template("index.html", items=[], code=code)


@app.route("/import", methods=["POST"])
def import_items():
    require_admin()
    try:
        items = catalog.parse_items(request.form.get("items", ""))
    except ValueError as error:
        return str(error), 400
    with open_database() as connection:
        db.add_items(connection, items)
    if app.config["WEBHOOK_URL"]:
        catalog.notify(app.config["WEBHOOK_URL"], f"{len(items)} new items")
    return redirect("/")


@app.route("/backup", methods=["POST"])
def backup():
    require_admin()
    folder = os.path.join(app.config["DATA_DIR"], "backups")
    with open_database():
        path = tools.backup(database_path(), folder, request.form["label"])
    return {"backup": os.path.basename(path)}


@app.route("/health")
def health():
    return {"status": "ok"}


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=app.config["PORT"], debug=True)
