import re

import db
from app import database_path
from tests.base import AppTestCase


class IndexPage(AppTestCase):
    def test_lists_items_by_name(self):
        self.assert_in_order(
            self.page("/"), "Core switch", "Label printer", "Laser printer"
        )

    def test_lists_items_in_the_order_asked_for(self):
        page = self.page("/", order="room")
        self.assert_in_order(
            page, "Laser printer", "Label printer", "Core switch"
        )

    def test_shows_one_category(self):
        page = self.page("/", category="printer")
        self.assert_in_order(page, "Label printer", "Laser printer")
        self.assertNotIn("Core switch", page)

    def test_shows_no_item_of_an_unknown_category(self):
        page = self.page("/", category="furniture")
        self.assertNotIn("printer", page)
        self.assertNotIn("Core switch", page)

    def test_an_unchanged_page_is_not_sent_again(self):
        tag = self.client.get("/").headers["ETag"]
        again = self.client.get("/", headers={"If-None-Match": tag})
        self.assertEqual(again.status_code, 304)

    def test_a_changed_page_has_another_tag(self):
        first = self.client.get("/").headers["ETag"]
        self.client.post("/lend/1")
        self.assertNotEqual(self.client.get("/").headers["ETag"], first)


class SearchPage(AppTestCase):
    def test_finds_a_part_of_a_name(self):
        page = self.page("/search", q="printer")
        self.assertIn("Results for <em>printer</em>", page)
        self.assert_in_order(page, "Label printer", "Laser printer")
        self.assertNotIn("Core switch", page)

    def test_does_not_care_about_case(self):
        self.assertIn("Core switch", self.page("/search", q="SWITCH"))

    def test_without_a_term_finds_everything(self):
        page = self.page("/search")
        self.assert_in_order(
            page, "Core switch", "Label printer", "Laser printer"
        )

    def test_finds_nothing(self):
        page = self.page("/search", q="scanner")
        self.assertIn("Results for <em>scanner</em>", page)
        self.assertNotIn("<td>", page)

    def test_finds_names_that_are_not_ascii(self):
        connection = db.connect(database_path())
        self.addCleanup(connection.close)
        item = {"name": "Büro-Lampe", "category": "lamp", "room": "A02"}
        db.add_items(connection, [item])
        self.assertIn("Büro-Lampe", self.page("/search", q="Büro"))


class ToolsPage(AppTestCase):
    def test_has_the_three_forms(self):
        page = self.page("/tools")
        for action in ("/tools", "/import", "/backup"):
            self.assertIn(f'action="{action}"', page)
        self.assertNotIn("<pre>", page)

    def test_looks_up_a_host(self):
        page = self.page("/tools", host="localhost")
        self.assertRegex(page, r"<pre>(127\.0|::1)")

    def test_says_when_a_host_is_unknown(self):
        # Too long for a name, so no name server is asked.
        self.assertIn("unknown host", self.page("/tools", host="x" * 64))


class Labels(AppTestCase):
    def test_a_label_has_name_category_and_room(self):
        self.assertEqual(
            self.page("/label/1"),
            "<p><b>Label printer</b><br>printer, room B12</p>",
        )

    def test_an_unknown_item_has_no_label(self):
        self.assertEqual(self.client.get("/label/99").status_code, 404)


class Lending(AppTestCase):
    def lend(self, item_id):
        response = self.client.post(f"/lend/{item_id}")
        self.assertEqual(response.status_code, 200)
        page = response.get_data(as_text=True)
        return re.search(r'id="code">([^<]*)<', page).group(1)

    def test_gives_a_code_that_is_kept(self):
        code = self.lend(1)
        self.assertRegex(code, "^[A-HJ-NP-Z2-9]{8}$")
        connection = db.connect(database_path())
        self.addCleanup(connection.close)
        self.assertEqual(db.get_item(connection, 1)["code"], code)

    def test_codes_differ(self):
        self.assertEqual(len({self.lend(2) for _ in range(20)}), 20)

    def test_a_lent_item_is_marked(self):
        self.lend(1)
        self.assertEqual(self.page("/").count("<td>lent</td>"), 1)

    def test_an_unknown_item_cannot_be_lent(self):
        self.assertEqual(self.client.post("/lend/99").status_code, 404)


class Health(AppTestCase):
    def test_says_ok(self):
        response = self.client.get("/health")
        self.assertEqual(response.get_json(), {"status": "ok"})
