import gzip
import os
import sys
from types import SimpleNamespace
from unittest import mock

import catalog
from app import app, database_path
from tests.base import AppTestCase

TWO_ITEMS = """
- {name: Standing lamp, category: lamp, room: D04}
- name: "Büro-Lampe"
  category: lamp
  room: D05
"""


class Passwords(AppTestCase):
    def test_a_wrong_or_missing_password_is_refused(self):
        for password in (None, "", self.admin + "x"):
            for url in ("/import", "/backup"):
                with self.subTest(url=url, password=password):
                    form = {"items": TWO_ITEMS, "label": "friday"}
                    if password is not None:
                        form["password"] = password
                    response = self.client.post(url, data=form)
                    self.assertEqual(response.status_code, 403)
        self.assertNotIn("lamp", self.page("/"))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "backups")))


class Import(AppTestCase):
    def post(self, items):
        return self.client.post(
            "/import", data={"items": items, "password": self.admin}
        )

    def test_adds_the_items(self):
        self.assertEqual(self.post(TWO_ITEMS).status_code, 302)
        page = self.page("/", category="lamp")
        self.assert_in_order(page, "Büro-Lampe", "D05", "Standing lamp", "D04")

    def test_reads_anchors_and_types_as_yaml_does(self):
        text = """
- &a {name: A, category: c, room: r, count: 3}
- {<<: *a, name: B}
"""
        self.assertEqual(
            catalog.parse_items(text),
            [
                {"name": "A", "category": "c", "room": "r", "count": 3},
                {"name": "B", "category": "c", "room": "r", "count": 3},
            ],
        )

    def test_says_what_is_wrong(self):
        for text in ("", "name: A", "- A", "- {name: A, category: c}"):
            with self.subTest(text=text):
                self.assertEqual(self.post(text).status_code, 400)


class Notices(AppTestCase):
    """With a stand-in for requests: nothing is sent."""

    def import_two(self, post):
        app.config["WEBHOOK_URL"] = "https://chat.example.com/hook"
        requests = SimpleNamespace(post=post, exceptions=SimpleNamespace())
        with mock.patch.dict(sys.modules, {"requests": requests}):
            response = self.client.post(
                "/import", data={"items": TWO_ITEMS, "password": self.admin}
            )
        self.assertEqual(response.status_code, 302)
        self.assertIn("Standing lamp", self.page("/"))

    def test_the_chat_is_told(self):
        post = mock.Mock()
        self.import_two(post)
        post.assert_called_once()
        call = post.call_args
        self.assertEqual(call.args, ("https://chat.example.com/hook",))
        self.assertEqual(call.kwargs["json"], {"text": "2 new items"})

    def test_a_chat_that_is_down_does_not_stop_the_import(self):
        self.import_two(mock.Mock(side_effect=OSError("no route to host")))


class Backup(AppTestCase):
    def test_keeps_a_compressed_copy(self):
        self.page("/")
        response = self.client.post(
            "/backup", data={"label": "friday", "password": self.admin}
        )
        self.assertEqual(response.get_json(), {"backup": "friday.db.gz"})
        folder = os.path.join(self.folder, "backups")
        self.assertEqual(os.listdir(folder), ["friday.db.gz"])
        self.assertEqual(os.stat(folder).st_mode & 0o700, 0o700)
        with gzip.open(os.path.join(folder, "friday.db.gz")) as copy:
            with open(database_path(), "rb") as original:
                self.assertEqual(copy.read(), original.read())

    def test_a_second_one_replaces_the_first(self):
        for _ in range(2):
            response = self.client.post(
                "/backup", data={"label": "friday", "password": self.admin}
            )
            self.assertEqual(response.status_code, 200)
