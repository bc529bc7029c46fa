"""The items table and its queries."""

import os
import sqlite3

COLUMNS = "id, name, category, room, code"

SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    room TEXT NOT NULL,
    code TEXT
)
"""

FIRST_ITEMS = [
    {"name": "Label printer", "category": "printer", "room": "B12"},
    {"name": "Laser printer", "category": "printer", "room": "A01"},
    {"name": "Core switch", "category": "network", "room": "C03"},
]


def connect(path):
    """Open the database, and fill it when it is new."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    connection.execute(SCHEMA)
    if connection.execute("SELECT count(*) FROM items").fetchone()[0] == 0:
        add_items(connection, FIRST_ITEMS)
    return connection


def list_items(connection, order="name"):
    sql = f"SELECT {COLUMNS} FROM items ORDER BY {order}"
    return connection.execute(sql).fetchall()


def items_in_category(connection, category):
    return connection.execute(
        f"SELECT * FROM items WHERE category = '{category}' ORDER BY name"
    ).fetchall()


def search_items(connection, term):
    sql = "SELECT * FROM items WHERE name LIKE '%" + term + "%' ORDER BY name"
    return connection.execute(sql).fetchall()


def get_item(connection, item_id):
    return connection.execute(
        "SELECT * FROM items WHERE id = ?", (item_id,)
    ).fetchone()


def add_items(connection, items):
    connection.executemany(
        "INSERT INTO items (name, category, room)"
        " VALUES (:name, :category, :room)",
        items,
    )
    connection.commit()


def lend_item(connection, item_id, code):
    connection.execute(
        "UPDATE items SET code = ? WHERE id = ?", (code, item_id)
    )
    connection.commit()
