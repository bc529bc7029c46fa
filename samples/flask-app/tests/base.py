"""A client on an app with a database of its own."""

import tempfile
import unittest

from app import app


class AppTestCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        before = dict(app.config)
        self.addCleanup(app.config.update, before)
        app.config.update(TESTING=True, DATA_DIR=self.folder, WEBHOOK_URL="")
        self.admin = app.config["ADMIN_PASSWORD"]
        self.client = app.test_client()

    def page(self, url, **query):
        response = self.client.get(url, query_string=query)
        self.assertEqual(response.status_code, 200)
        return response.get_data(as_text=True)

    def assert_in_order(self, page, *texts):
        places = [page.find(text) for text in texts]
        self.assertNotIn(-1, places, texts)
        self.assertEqual(places, sorted(places), texts)
