#!/usr/bin/env python3
"""Plays ZAP for samples/pipeline.sh: asks the address once, and reports the headers that the answer lacks, as ZAP's passive rules do."""

import json
import sys
import urllib.request

RULES = {"Content-Security-Policy": ("10038", "Content Security Policy (CSP) Header Not Set", "2", "693"), "X-Content-Type-Options": ("10021", "X-Content-Type-Options Header Missing", "1", "693")}


def main(arguments):
    if "-version" in arguments:
        print("2.17.0")
        return
    url = arguments[arguments.index("-quickurl") + 1]
    with urllib.request.urlopen(url, timeout=20) as answer:
        headers = answer.headers
    alerts = [
        {
            "pluginid": plugin, "alertRef": plugin, "alert": name, "name": name, "riskcode": risk, "confidence": "3", "desc": f"<p>{header} is not set.</p>", "count": "1", "cweid": cwe,
            "instances": [{"uri": url, "method": "GET", "param": header, "attack": "", "evidence": ""}],
        }
        for header, (plugin, name, risk, cwe) in RULES.items() if header not in headers
    ]
    with open(arguments[arguments.index("-quickout") + 1], "w", encoding="utf-8") as file:
        json.dump({"@programName": "ZAP", "@version": "2.17.0", "site": [{"@name": url, "alerts": alerts}]}, file)


if __name__ == "__main__":
    main(sys.argv[1:])
