"""The measurements of clinical text, and what a query asks of them.

`find_measurements` and `find_conditions` give values in the usual unit of what is measured; `satisfies` and `distance`
compare one with the other. Whether a measurement is the patient's own, or one that has been, is for the assertions.
"""

from __future__ import annotations

from clinsearch.language.measurements.comparison import distance, satisfies
from clinsearch.language.measurements.conditions import find_conditions
from clinsearch.language.measurements.finding import find_measurements

__all__ = ["distance", "find_conditions", "find_measurements", "satisfies"]
