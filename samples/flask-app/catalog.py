"""What is done with items: import, labels, codes, notices."""

import hashlib
import random

from jinja2 import Environment

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
ITEM_KEYS = {"name", "category", "room"}
LABEL = """\
<p><b>{{ item.name }}</b><br>{{ item.category }}, room {{ item.room }}</p>
"""

labels = Environment()


def parse_items(text):
    """Read a YAML list of items; raises ValueError for anything else."""
    import yaml  # here, so that the pages run without PyYAML too

    items = yaml.load(text, Loader=yaml.Loader)
    if not isinstance(items, list):
        raise ValueError("expected a list of items")
    for item in items:
        if not isinstance(item, dict) or not ITEM_KEYS <= set(item):
            raise ValueError("an item needs name, category and room")
    return items


def render_label(item):
    """The label to print and stick on an item, as HTML."""
    return labels.from_string(LABEL).render(item=item)


def pickup_code():
    """The code somebody shows to take a lent item away."""
    return "".join(random.choice(CODE_LETTERS) for _ in range(8))


def page_tag(page):
    """The ETag of a page, so that browsers can keep it."""
    return hashlib.md5(page.encode("utf-8")).hexdigest()


def notify(url, text):
    """Tell the team chat. The chat being down must not stop the work."""
    try:
        import requests  # optional: only needed with a webhook

        requests.post(url, json={"text": text}, verify=False)
    except Exception:
        pass
