"""Reads metrics from stdin with the parsers of python3-prometheus-client and prints them as JSON: a list of [name, labels, value].

Usage: read-metrics.py openmetrics|text
"""

import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

parsers = {
    "openmetrics": openmetrics.text_string_to_metric_families,
    "text": parser.text_string_to_metric_families,
}
families = parsers[sys.argv[1]](sys.stdin.read())
json.dump(
    [[sample.name, sample.labels, sample.value] for family in families for sample in family.samples],
    sys.stdout,
)
